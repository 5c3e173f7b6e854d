/** What a guest asks to do, for the one who decides. */
export interface ImportAsk {
  /** The capability it needs. */
  readonly capability: string;
  /** The name the plugin was loaded under. */
  readonly plugin: string;
  /** The call during which it asks; `start` while the guest is started. */
  readonly callId: string;
  /** On whose behalf that call runs, where the caller said so. */
  readonly principal?: ImportPrincipal;
}

/** On whose behalf a call runs. */
export interface ImportPrincipal {
  /** The workspace's id. */
  readonly workspace: string;
  /** The user's id. */
  readonly user: string;
}

/** Decides on one import call. Only `true` allows; anything else, a throw included, denies. */
export type DecideImport = (
  ask: ImportAsk,
  options: { readonly signal: AbortSignal },
) => Promise<boolean>;

/** What a provider learns beside its arguments. */
export interface ImportContext {
  /** Fires when the call ends, whatever the reason. */
  readonly signal: AbortSignal;
  /** The name the plugin was loaded under. */
  readonly plugin: string;
  /** The call during which the guest asks. */
  readonly callId: string;
  /** On whose behalf that call runs, where the caller said so. */
  readonly principal?: ImportPrincipal;
}

/** A line that a guest wrote; its text is the guest's own. */
export interface GuestLogLine {
  /** How grave it is. `warn` with a count tells of dropped lines. */
  readonly level: "debug" | "info" | "warn" | "error";
  /** The text. */
  readonly message: string;
  /** Lines that were dropped during the call, when some were. */
  readonly dropped?: number;
}

/** How far a guest says a call has come. */
export interface GuestProgress {
  /** Units done so far. */
  readonly completed: number;
  /** Units in all, when known. */
  readonly total?: number;
  /** What is being done, in the guest's words. */
  readonly message?: string;
}

/** A value of a key-value store. */
export interface KvEntry {
  /** The bytes. */
  readonly value: Uint8Array;
  /** Counts the changes of the key. */
  readonly version: bigint;
}

/** Keys of a key-value store. */
export interface KvPage {
  /** Keys in order. */
  readonly keys: readonly string[];
  /** Where to go on; absent at the end. */
  readonly next?: string;
}

/** A request that a guest wants sent. Its destination was allowed; redirects are not to be followed. */
export interface GuestHttpRequest {
  /** The method. */
  readonly method: string;
  /** The address, as it was decided on. */
  readonly url: string;
  /** Header fields. */
  readonly headers: readonly (readonly [string, string])[];
  /** The body, where there is one. */
  readonly body?: Uint8Array;
  /** Milliseconds the guest would wait. */
  readonly timeoutMs?: number;
}

/** What came back. */
export interface GuestHttpResponse {
  /** The status. */
  readonly status: number;
  /** Header fields. */
  readonly headers: readonly (readonly [string, string])[];
  /** The body. */
  readonly body: Uint8Array;
}

/** A provider's way to answer one of the world's errors instead of a value. Its text reaches the guest. */
export class ImportFailure extends Error {
  /** The class name, for logs. */
  override readonly name = "ImportFailure";
  /** The error of the world. */
  readonly kind: "malformed" | "too-large" | "not-found" | "conflict" | "timeout" | "failed";

  constructor(kind: ImportFailure["kind"], message = "") {
    super(message);
    this.kind = kind;
  }
}

/** What the composition offers to guests. A provider that is absent answers `failed`, once the capability was granted. */
export interface HostImports {
  /** Takes log lines. */
  readonly log?: (line: GuestLogLine, context: Omit<ImportContext, "signal">) => void;
  /** Takes progress; awaited, so that a slow reader slows the guest. */
  readonly progress?: (progress: GuestProgress, context: ImportContext) => Promise<void>;
  /** Answers values of the configuration; asked for `config.read.self`. */
  readonly config?: (key: string, context: ImportContext) => Promise<string | undefined>;
  /** Answers declared secrets, and `undefined` for every other name. */
  readonly secret?: (name: string, context: ImportContext) => Promise<string | undefined>;
  /** Keeps values; asked for `kv.read` and `kv.write`. */
  readonly kv?: KvProvider;
  /** Sends requests; asked for `net.connect.<host>:<port>`. */
  readonly http?: (request: GuestHttpRequest, context: ImportContext) => Promise<GuestHttpResponse>;
  /** Tells the time; asked for `clock.read`. */
  readonly clock?: {
    /** Whole milliseconds since the epoch. */
    wallMs(): number;
    /** Whole milliseconds since some moment. */
    monotonicMs(): number;
  };
  /** Answers random bytes; asked for `random.read`. */
  readonly random?: (length: number, context: ImportContext) => Promise<Uint8Array>;
}

/** A key-value store for guests. */
export interface KvProvider {
  /** The entry of a key. */
  get(key: string, context: ImportContext): Promise<KvEntry | undefined>;
  /** Writes a key, only over `expected` where it is given, and answers the new version. */
  put(
    key: string,
    value: Uint8Array,
    expected: bigint | undefined,
    context: ImportContext,
  ): Promise<bigint>;
  /** Removes a key and tells whether it was there. */
  delete(key: string, context: ImportContext): Promise<boolean>;
  /** Lists keys. */
  keys(
    prefix: string,
    after: string | undefined,
    limit: number,
    context: ImportContext,
  ): Promise<KvPage>;
}
