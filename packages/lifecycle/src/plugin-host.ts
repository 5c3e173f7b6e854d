import type { ExitReport } from "./exit-report.ts";
import type { InstanceIdentity } from "./instance.ts";
import type { HostAnswer, HostAsk, LogNote, Offers } from "./offers.ts";
import type { ServiceHandle } from "./services.ts";

/** A value of JSON. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** The option of anything that waits. */
export interface Waiting {
  /** Ends the wait early; the promise then rejects and nothing is left behind. */
  readonly signal?: AbortSignal;
}

/** What a plugin's program or module is, relative to the root of its tree. */
export type PluginEntry =
  | {
      /** Program and arguments; item 0 is a path inside the tree or a runtime name such as `node`. No shell. */
      readonly command: readonly [string, ...string[]];
    }
  | {
      /** Path of a WebAssembly component or core module inside the tree. */
      readonly module: string;
    };

/** What an instance may use at most. */
export interface InstanceLimits {
  /** Memory in bytes. */
  readonly memoryBytes: number;
  /** Processor time in cores. */
  readonly cpu: number;
  /** Processes and threads. */
  readonly pids: number;
  /** WebAssembly fuel per call; absent means the time limit alone. */
  readonly fuel?: number;
  /** Size of one result in bytes, over all its chunks. */
  readonly maxResultBytes: number;
  /** From spawn to the first healthy answer, in milliseconds. */
  readonly startMs: number;
  /** Absolute cap of one call, in milliseconds. */
  readonly callMs: number;
  /** A call without result and without progress, in milliseconds. */
  readonly idleMs: number;
}

/** What the sandbox of an instance is made from: effective capability patterns, as the enforcer holds them. */
export interface InstanceGrants {
  /** Granted patterns. */
  readonly allow: readonly string[];
  /** Denied patterns; they mask what a grant would show. */
  readonly deny: readonly string[];
  /** Paths masked inside a grant. */
  readonly readDeny: readonly string[];
}

/** Something that a plugin tried and its grants do not allow. All of it is the plugin's doing: hostile text. */
export interface Refusal {
  /** What was seen, for people. */
  readonly evidence: string;
  /** The narrowest pattern that would have allowed it; absent where no grant could. */
  readonly pattern?: string;
  /** Why the pattern cannot be granted here. */
  readonly obstacle?: string;
  /** Whether it only looked for the thing, as programs do for much that they do without. */
  readonly isLookup?: true;
}

/** Everything a host needs to start one instance. The manager makes it; a host trusts it. */
export interface StartSpec {
  /** Which copy of which plugin this is. */
  readonly identity: InstanceIdentity;
  /** How the plugin is spoken to, such as `grpc`. */
  readonly adapter: string;
  /** The isolation asked for: `wasm`, `process` or `container`. */
  readonly tier: string;
  /** The verified, read-only tree in the content store; never the folder it was discovered in. */
  readonly root: string;
  /** What to run in it. */
  readonly entry: PluginEntry;
  /** The complete environment: nothing is inherited beside the documented variables of protocol and sandbox. */
  readonly environment: Readonly<Record<string, string>>;
  /** The plugin's configuration; never logged. */
  readonly config: Readonly<Record<string, JsonValue>>;
  /** Values of declared secrets by name; never logged. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What the sandbox lets it touch. */
  readonly grants: InstanceGrants;
  /** What it may use at most. */
  readonly limits: InstanceLimits;
  /**
   * Hears what the plugin tries in vain, so that its author or a reviewer learns what it needs; absent but for that. Its grants are the
   * same. A host that cannot tell refuses to start with `START_FAILED`.
   */
  readonly onRefusal?: (refusal: Refusal) => void;
  /** Hears that the plugin says its tools are others now; what they are, `describe` answers. It may be said at any rate. */
  readonly onSurfaceChanged?: () => void;
}

/** One tool as a plugin offers it: a claim, not yet compared with what was approved. */
export interface OfferedTool {
  /** Its name within the plugin. */
  readonly name: string;
  /** What it does, in the plugin's words. */
  readonly description: string;
  /** A short name for people. */
  readonly title?: string;
  /** JSON Schema of its arguments. */
  readonly inputSchema: JsonValue;
  /** JSON Schema of its structured result. */
  readonly outputSchema?: JsonValue;
  /** Hints such as "only reads"; they may add a question to the user and never grant. */
  readonly annotations?: JsonValue;
}

/** The tools a plugin offers. */
export interface ToolSurface {
  /** In the plugin's order; names are unique. */
  readonly tools: readonly OfferedTool[];
}

/** On whose behalf a call runs. */
export interface CallPrincipal {
  /** The workspace's id. */
  readonly workspace: string;
  /** The user's id. */
  readonly user: string;
}

/** One call of a tool, already decided. */
export interface HostCall {
  /** The tool's name within the plugin. */
  readonly tool: string;
  /** Its arguments. */
  readonly arguments: Readonly<Record<string, JsonValue>>;
  /** Names this call in logs and for cancelling; unique among the running calls of the instance. */
  readonly requestId: string;
  /** W3C trace context, passed on as a claim. */
  readonly traceparent?: string;
  /** On whose behalf it runs. */
  readonly principal: CallPrincipal;
}

/** How far a call has come. */
export interface Progress {
  /** Units done so far; grows. */
  readonly completed: number;
  /** Units in all, when known. */
  readonly total?: number;
  /** What is being done, in the plugin's words. */
  readonly message?: string;
}

/** How long a call may run and who hears of its progress. */
export interface HostCallOptions {
  /** Cancels the call; it then ends with `CANCELLED`. */
  readonly signal: AbortSignal;
  /** When it ends with `DEADLINE`, in milliseconds since the epoch. Progress does not extend it. */
  readonly deadlineAt: number;
  /** Hears progress, awaited, so that a slow reader slows the plugin. With it, no `progress` chunk is yielded. */
  readonly onProgress?: (progress: Progress) => Promise<void>;
  /** Hears what the plugin logs while the call runs, where a host can tell whose it is. Lines that come faster than it listens are dropped. */
  readonly onLog?: (note: LogNote) => Promise<void>;
}

/** A piece of a tool's result. */
export type Content =
  | {
      /** Text for a model or a person. */
      readonly kind: "text";
      /** The text. */
      readonly text: string;
      /** Where the text is from, when it is the content of a resource. */
      readonly source?: {
        /** Its URI. */
        readonly uri: string;
        /** Its media type. */
        readonly mimeType?: string;
        /** The resource's name, when the plugin only points to it: the text then says so in words, and is not its content. */
        readonly linkName?: string;
      };
    }
  | {
      /** Bytes, such as an image. */
      readonly kind: "binary";
      /** Their media type. */
      readonly mimeType: string;
      /** The bytes. */
      readonly data: Uint8Array;
      /** A file name, when it has one. */
      readonly name?: string;
    };

/** What a call yields: any number of pieces and notes, then exactly one `result`. */
export type CallChunk =
  | {
      /** A piece of the result. */
      readonly kind: "content";
      /** The piece. */
      readonly content: Content;
    }
  | {
      /** A note of progress. */
      readonly kind: "progress";
      /** The note. */
      readonly progress: Progress;
    }
  | {
      /** The end of the call. */
      readonly kind: "result";
      /** `true` when the tool itself reports a failure; a failure of the host is thrown instead. */
      readonly isError: boolean;
      /** The structured result, where the tool has one. */
      readonly structured?: JsonValue;
    };

/** What a plugin says of its own health. */
export interface Health {
  /** `degraded` is shown; only `unhealthy` counts as a failure. */
  readonly status: "healthy" | "degraded" | "unhealthy";
  /** The plugin's or the host's explanation. */
  readonly message: string;
}

/** Which user and workspace a service handle is bound to, and how long opening may take. */
export interface OpenOptions extends Waiting {
  /** On whose behalf its operations run. */
  readonly principal: CallPrincipal;
}

/** One started plugin. It is single-use: after its end a new one is started. */
export interface RunningPlugin extends AsyncDisposable {
  /** Settles exactly once, when nothing of the plugin runs any more; never rejects. */
  readonly exited: Promise<ExitReport>;
  /**
   * Asks for its tools.
   *
   * @throws {@link LifecycleError} `PROTOCOL`, `CRASHED`, `CANCELLED`, `CLOSED`
   */
  describe(options?: Waiting): Promise<ToolSurface>;
  /**
   * Runs a tool. Chunks are pulled: a slow reader slows the plugin, and leaving the loop cancels the call.
   *
   * @throws {@link LifecycleError} any code but `START_FAILED`; thrown while iterating
   */
  call(request: HostCall, options: HostCallOptions): AsyncIterable<CallChunk>;
  /**
   * Asks for its prompts and resources. Absent in a host whose plugins have none.
   *
   * @throws {@link LifecycleError} `PROTOCOL`, `CRASHED`, `CANCELLED`, `CLOSED`
   */
  offers?(options?: Waiting): Promise<Offers>;
  /**
   * Fills in a prompt, reads a resource, or completes an argument of one. Absent in a host whose plugins have none.
   *
   * @throws {@link LifecycleError} any code but `START_FAILED`
   */
  ask?(request: HostAsk, options: HostCallOptions): Promise<HostAnswer>;
  /**
   * Opens the plugin's channel or provider service.
   *
   * @throws {@link LifecycleError} `TYPE_UNSUPPORTED` when the plugin serves no such thing, `CLOSED`
   */
  open(kind: "channel" | "provider", options: OpenOptions): Promise<ServiceHandle>;
  /**
   * Asks how it is.
   *
   * @throws {@link LifecycleError} `CRASHED`, `CANCELLED`, `CLOSED`
   */
  health(options?: Waiting): Promise<Health>;
  /** Asks it to leave, makes it leave after `graceMs`, and resolves when nothing of it is left. Closing twice is closing once. */
  close(options?: {
    /** The whole time it has to finish by itself, in milliseconds. */
    readonly graceMs?: number;
  }): Promise<ExitReport>;
}

/** Runs plugins of some adapters. The manager uses nothing but this contract. */
export interface PluginHost extends AsyncDisposable {
  /** The adapters it serves, such as `["grpc"]`. */
  readonly adapters: readonly string[];
  /**
   * Starts one instance and resolves when it answers. When it fails, or the signal aborts, nothing is left.
   *
   * @throws {@link LifecycleError} `START_FAILED`, `TYPE_UNSUPPORTED`, `HANDSHAKE_TIMEOUT`, `PROTOCOL`, `CANCELLED`, `OVERLOADED`, `CLOSED`
   */
  start(id: string, spec: StartSpec, options?: Waiting): Promise<RunningPlugin>;
  /** Closes all it started, newest first. Closing twice is closing once. */
  close(): Promise<void>;
}
