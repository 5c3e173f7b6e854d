import type { UnsafePathReason } from "@sigilrt/canonical";
import type { SurfaceChange } from "./surface.ts";

/** A limit on trees. */
export type TreeLimitName = "files" | "fileBytes" | "treeBytes";

/** Why a tree has no digest. `path` is relative to the root of the tree. */
export type TreeRejection =
  | {
      /** A link of any kind, inward too. */
      readonly kind: "symlink_escape";
      /** The link. */
      readonly path: string;
      /** Where it points, as written. */
      readonly target: string;
    }
  | {
      /** A name that is not the same everywhere, or leads out. */
      readonly kind: "path_unsafe";
      /** The path; absent when the name is not UTF-8. */
      readonly path?: string;
      /** The bytes of a name that is not UTF-8, in hex. */
      readonly pathHex?: string;
      /** The rule it breaks. */
      readonly reason: UnsafePathReason | "not-utf8";
    }
  | {
      /** Two names that some file system takes for one. */
      readonly kind: "path_collision";
      /** The later one. */
      readonly path: string;
      /** The earlier one. */
      readonly other: string;
    }
  | {
      /** A file that has another name, perhaps outside the tree. */
      readonly kind: "hard_link";
      /** The file. */
      readonly path: string;
      /** How many names it has. */
      readonly nlink: number;
    }
  | {
      /** Neither a file nor a folder. */
      readonly kind: "special_file";
      /** The file. */
      readonly path: string;
      /** What it is. */
      readonly type: "pipe" | "socket" | "device" | "unknown";
    }
  | {
      /** Another file system begins here. */
      readonly kind: "mount_point";
      /** The folder or file. */
      readonly path: string;
    }
  | {
      /** Runs as somebody else, or anybody may change it. */
      readonly kind: "unsafe_mode";
      /** The file or folder. */
      readonly path: string;
      /** Its permission bits in octal, such as `4755`. */
      readonly mode: string;
    }
  | {
      /** The tree is larger than it may be. */
      readonly kind: "tree_limit";
      /** The limit. */
      readonly limit: TreeLimitName;
      /** Where it was met. */
      readonly path: string;
    }
  | {
      /** Someone wrote to the file while it was read. */
      readonly kind: "changed_during_read";
      /** The file. */
      readonly path: string;
    }
  | {
      /** `manifest.txt` at the root is not the file list of the tree. */
      readonly kind: "file_list_mismatch";
      /** The digest that `manifest.txt` would give. */
      readonly expected: string;
      /** The digest of the tree. */
      readonly actual: string;
    };

/** Why a lock file does not parse. */
export type LockfileReason =
  | "unreadable"
  | "ambiguous"
  | "too-large"
  | "not-utf8"
  | "bom"
  | "too-deep"
  | "syntax"
  | "not-an-object"
  | "not-canonical"
  | "unknown-key"
  | "missing-key"
  | "type"
  | "plugin-id"
  | "digest"
  | "signers"
  | "surface"
  | "version";

/** Why a lock file is refused. */
export type LockfileRejection =
  | {
      /** Not a lock file. */
      readonly kind: "lockfile_malformed";
      /** The rule it breaks. */
      readonly reason: LockfileReason;
      /** The key or plugin at fault. */
      readonly key?: string;
      /** The line at fault, from 1. */
      readonly line?: number;
    }
  | {
      /** A lock file of another version of Sigil. */
      readonly kind: "lockfile_unsupported";
      /** The version it claims. */
      readonly version: unknown;
    }
  | {
      /** A digest by an algorithm that is not known. */
      readonly kind: "unsupported_digest_algorithm";
      /** The plugin. */
      readonly plugin: string;
      /** The algorithm. */
      readonly algorithm: string;
    };

/** Why a verifier does not confirm a plugin. */
export type VerifyRejection =
  | {
      /** Other bytes than were locked. */
      readonly kind: "integrity_mismatch";
      /** The plugin. */
      readonly plugin: string;
      /** The locked digests. */
      readonly expected: readonly string[];
      /** The digest that was found. */
      readonly actual: string;
    }
  | {
      /** The lock holds a digest of the first design, which no tree can have; `sigil lock migrate` re-locks it. */
      readonly kind: "legacy_digest";
      /** The plugin. */
      readonly plugin: string;
    }
  | {
      /** Nobody signed it, and somebody has to. */
      readonly kind: "signature_missing";
      /** The plugin. */
      readonly plugin: string;
    }
  | {
      /** A signature that does not hold for this name, version and digest, or a signature file that is none. */
      readonly kind: "signature_invalid";
      /** The plugin. */
      readonly plugin: string;
      /** Whose it claims to be; absent when the file could not be read as signatures. */
      readonly signer?: string;
    }
  | {
      /** Signed by nobody whom the lock names. */
      readonly kind: "untrusted_signer";
      /** The plugin. */
      readonly plugin: string;
      /** Who signed, unchecked. */
      readonly signer: string;
    }
  | {
      /** A valid statement about other bytes. Answered by verifiers of attestations, which are packages of their own. */
      readonly kind: "attestation_subject_mismatch";
      /** The plugin. */
      readonly plugin: string;
      /** The digest of the bytes that will run. */
      readonly expected: string;
      /** What the statement is about. */
      readonly subjects: readonly string[];
    }
  | {
      /** The verifier threw, hung or answered nonsense. */
      readonly kind: "verifier_failed";
      /** The plugin. */
      readonly plugin: string;
      /** The verifier. */
      readonly verifier: string;
      /** What it did. */
      readonly detail: string;
    };

/** Why the tools of a plugin are closed. */
export interface SurfaceRejection {
  /** The plugin says something else about itself than was approved. */
  readonly kind: "surface_changed";
  /** The plugin. */
  readonly plugin: string;
  /** The approved digest. */
  readonly expected: string;
  /** The digest of what it says now. */
  readonly actual: string;
  /** By tool and member. */
  readonly diff: readonly SurfaceChange[];
}

/** Why a module was not loaded into this process. */
export type ModuleRejection =
  | {
      /** Other bytes than were verified: somebody changed the file since. */
      readonly kind: "integrity_mismatch_at_load";
      /** The plugin. */
      readonly plugin: string;
      /** The file. */
      readonly path: string;
      /** SHA-256 of the verified bytes, in hex. */
      readonly expected: string;
      /** SHA-256 of what was found, in hex; absent when the file could not be read. */
      readonly actual?: string;
    }
  | {
      /** A file below the plugin's root that its file list does not name. */
      readonly kind: "unlisted_file_loaded";
      /** The plugin. */
      readonly plugin: string;
      /** The file. */
      readonly path: string;
    }
  | {
      /** An import of what is no module of the plugin: it leads out, or is neither JavaScript nor JSON. */
      readonly kind: "import_outside_plugin";
      /** The plugin. */
      readonly plugin: string;
      /** What was imported, as written. */
      readonly specifier: string;
    }
  | {
      /** Native code that was not allowed by name. */
      readonly kind: "addon_not_allowed";
      /** The plugin. */
      readonly plugin: string;
      /** The file. */
      readonly path: string;
    };

/** Every refusal of this package, with its evidence. */
export type IntegrityRejection =
  | LockfileRejection
  | VerifyRejection
  | ModuleRejection
  | SurfaceRejection
  | (TreeRejection & {
      /** The plugin, added by whoever knows it. */
      readonly plugin: string;
    });
