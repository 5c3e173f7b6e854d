/** One bind of a host path into the sandbox. */
export interface Mount {
  /** Absolute path on the host; must be its own real path at launch. */
  readonly source: string;
  /** Where it stands inside. */
  readonly target: string;
  /** `ro` read-only; `rw` writable, and therefore readable. */
  readonly mode: "ro" | "rw";
  /** Which kind of entry the source must be at launch; `any` for a read-only part of a writable grant. */
  readonly kind: "file" | "directory" | "any";
  /** Why it is there: the verified tree, the plugin's own directory, or a grant. */
  readonly origin: "code" | "data" | "grant";
}

/** A path that stays unreadable and unwritable although something around it is visible. */
export interface Mask {
  /** The hidden path, inside. */
  readonly target: string;
  /** The same path on the host. */
  readonly source: string;
  /** What makes it visible otherwise; `system` are the libraries that every program gets. */
  readonly inside: "code" | "data" | "system" | "ro" | "rw";
  /** Whether only what lies below was denied, so that the path must be a folder. */
  readonly tree: boolean;
}
