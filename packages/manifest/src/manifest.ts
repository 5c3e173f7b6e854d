import type { Pattern } from "@sigilrt/capability";
import type { JsonSchema } from "./json-schema.ts";
import type { ManifestIssue } from "./manifest-error.ts";
import type { ExecutionTier, PluginAdapter, PluginType } from "./vocabulary.ts";

/** A tool that the manifest names. */
export interface DeclaredTool {
  /** Its name within the plugin. */
  readonly name: string;
  /** What it does. */
  readonly description?: string;
}

/** A secret that the operator supplies. Its value never stands in a manifest. */
export interface DeclaredSecret {
  /** Its name. */
  readonly name: string;
  /** The variable it is put into; absent when it goes another way. */
  readonly env?: string;
  /** What it is for. */
  readonly description?: string;
  /** Whether the plugin cannot start without it. */
  readonly required: boolean;
}

/** A folder that outlives the plugin. */
export interface StorageVolume {
  /** Its name. */
  readonly name: string;
  /** Where the plugin sees it, below `/data/`. */
  readonly mount: string;
  /** Bytes at most; absent means the operator's default. */
  readonly sizeLimitBytes?: number;
  /** Whether it is kept when the plugin is removed. */
  readonly persist: boolean;
}

/** A collection of remembered texts. */
export interface StorageCollection {
  /** Its name. */
  readonly name: string;
  /** The model that embeds its entries. */
  readonly embeddingModel?: string;
  /** Entries at most. */
  readonly maxEntries?: number;
}

/** A plugin as it describes itself, checked whole: frozen, defaults applied, milliseconds and bytes. It is a request and grants nothing. */
export interface Manifest {
  /** The plugin's id everywhere. */
  readonly name: string;
  /** SemVer 2.0.0. */
  readonly version: string;
  /** The service contract it implements. */
  readonly type: PluginType;
  /** The runtime versions it accepts, as a range. */
  readonly engine: string;
  /** What it is, for people; show it as text. */
  readonly description?: string;
  /** An SPDX expression; shown only. */
  readonly license?: string;
  /** What it asks for. */
  readonly capabilities: readonly Pattern[];
  /** What it must never get, whatever policy grants. */
  readonly denyCapabilities: readonly Pattern[];
  /** The reason for a pattern, by pattern; an object without prototype. */
  readonly rationale: Readonly<Record<string, string>>;
  /** The tools it may show; absent means those found at review. */
  readonly tools?: readonly DeclaredTool[];
  /** How the runtime speaks to it. */
  readonly adapter: PluginAdapter;
  /** What to run; absent in a manifest that is only listed. */
  readonly entry?:
    | {
        /** Program and arguments. */
        readonly command: readonly [string, ...string[]];
      }
    | {
        /** A WebAssembly file of the tree. */
        readonly module: string;
      };
  /** Literal variables. */
  readonly env: Readonly<Record<string, string>>;
  /** Secrets it needs. */
  readonly secrets: readonly DeclaredSecret[];
  /** How it is isolated. */
  readonly execution: {
    /** The preferred tier. */
    readonly tier: ExecutionTier;
    /** The image of a container. */
    readonly image?: string;
    /** The network of a container. */
    readonly network: "none" | "restricted" | "host";
    /** What the sandbox shows. */
    readonly sandbox: {
      /** Of files. */
      readonly filesystem: {
        /** Paths it may write, with an optional final star. */
        readonly writeAllow: readonly string[];
        /** Paths hidden inside what it may read. */
        readonly readDeny: readonly string[];
      };
      /** Of the network. */
      readonly network: {
        /** `host:port` entries; none means no network. */
        readonly allow: readonly string[];
        /** Always true when `allow` is not empty. */
        readonly proxy: boolean;
      };
    };
  };
  /** What it may use at most. */
  readonly resources: {
    /** Bytes of memory. */
    readonly memoryBytes: number;
    /** Cores. */
    readonly cpu: number;
    /** Processes and threads. */
    readonly pids: number;
    /** WebAssembly fuel per call; absent means the time limit alone. */
    readonly fuel?: number;
    /** Calls at once in one instance. */
    readonly concurrency: number;
    /** Bytes of one result. */
    readonly maxResultBytes: number;
    /** How long things may take. */
    readonly timeouts: {
      /** From spawn to the first healthy answer. */
      readonly startMs: number;
      /** One call in all. */
      readonly callMs: number;
      /** A call without result and without progress. */
      readonly idleMs: number;
    };
  };
  /** How its health is asked for. */
  readonly health: {
    /** Between two questions; 0 means never. */
    readonly intervalMs: number;
    /** Until an answer counts as a failure. */
    readonly timeoutMs: number;
    /** Failures in a row that count as a crash. */
    readonly failures: number;
  };
  /** The shape of its configuration. */
  readonly configSchema?: JsonSchema;
  /** The plugins it needs, with the range of their versions. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** How it is started, shared and stopped. */
  readonly lifecycle: {
    /** Whether two versions may run side by side during a reload. */
    readonly hotReload: boolean;
    /** How long it may take to finish and leave. */
    readonly gracefulShutdownTimeoutMs: number;
    /** The widest sharing of one instance that it is written for. */
    readonly scope: "user" | "workspace" | "shared";
    /** Instances at once for one scope. */
    readonly maxInstances: number;
    /** Unused time after which an instance is stopped; 0 means never. */
    readonly idleStopMs: number;
  };
  /** What a bundle may run in a sandbox when it is asked to test itself. */
  readonly selfTest?: {
    /** Modules that must load. */
    readonly imports: readonly string[];
    /** A command that must end with 0. */
    readonly command?: readonly [string, ...string[]];
  };
  /** What it stores through the gateway. */
  readonly storage: {
    /** A key-value store of its own. */
    readonly kv: boolean;
    /** Folders of its own. */
    readonly volumes: readonly StorageVolume[];
    /** Collections of its own. */
    readonly collections: readonly StorageCollection[];
  };
  /** What is unwise; it never blocks. */
  readonly warnings: readonly ManifestIssue[];
}
