import type { AuditStore, Enforcer } from "@sigilrt/enforcer";
import type { PluginStore, PluginVerifier } from "@sigilrt/integrity";
import type { PluginHost, RestartPolicyOptions, WaitingClock } from "@sigilrt/lifecycle";
import type { CallGuard } from "./call.ts";
import { CallTimes } from "./call-times.ts";
import type { ConsentStore } from "./consent.ts";
import type { SecretSource } from "./deliver-secrets.ts";
import { systemClock } from "./system-clock.ts";
import { createTelemetry, type Telemetry } from "./telemetry.ts";

/** How much a manager holds at once. */
export interface ManagerLimits {
  /** Instances of all plugins together; 64. */
  readonly maxInstances: number;
  /** Calls that wait for one instance; 256. */
  readonly queue: number;
  /** Milliseconds a call waits for its turn; 10,000. */
  readonly queueMs: number;
}

/** How plugin folders are followed. */
export interface WatchOptions {
  /** How long a folder has to rest before it is looked at, in milliseconds, from 1 to 60,000; 200 is a good choice. */
  readonly debounceMs: number;
}

/** What a {@link PluginManager} is made of. A choice that weakens it has no default. */
export interface PluginManagerOptions {
  /** Folders whose direct subfolders are plugins. A missing one is an empty one. */
  readonly directories: readonly string[];
  /** Plugin folders named one by one. With it nothing else is looked at: `directories` may be empty, and what else is locked is left alone. Read anew at each look. */
  readonly folders?: readonly string[];
  /** Hosts by adapter. The manager closes them when it is closed. */
  readonly hosts: Readonly<Record<string, PluginHost>>;
  /** Confirms digests. */
  readonly verifier: PluginVerifier;
  /** Knows what people agreed to. */
  readonly consent: ConsentStore;
  /** Decides every call; the manager registers grants with it and nobody else should. */
  readonly enforcer: Enforcer;
  /** Keeps the records of admission, starts, stops and outcomes. */
  readonly audit: AuditStore;
  /** The runtime's version, held against each manifest's `engine`. */
  readonly engine: string;
  /** Where verified trees are kept and started from; a private folder for the life of the manager when absent. */
  readonly store?: PluginStore;
  /** The lock file. With it, a plugin that it does not name is refused; without it, the verifier alone decides. */
  readonly lockPath?: string;
  /** `each` admits what passes; `all-or-none` publishes nothing when one folder is refused. `each` when absent. */
  readonly admission?: "each" | "all-or-none";
  /** Plugins that are started when they are admitted instead of at their first call. */
  readonly eager?: readonly string[];
  /** Checks before a decision, such as quotas. They may only deny; one that throws denies. */
  readonly guards?: readonly CallGuard[];
  /** Supplies the secrets that plugins declare; without it a plugin that needs one does not start. */
  readonly secrets?: SecretSource;
  /** Which of the storage that manifests declare the hosts provide; a plugin that declares any other does not start. */
  readonly storage?: readonly "kv"[];
  /** When a crashed plugin is started again. */
  readonly restart?: Omit<RestartPolicyOptions, "random">;
  /** Follows the plugin folders from the first `discover` on; what changed is reloaded on the way of every other reload. Off when absent. */
  readonly watch?: WatchOptions;
  /** How much it holds at once. */
  readonly limits?: Partial<ManagerLimits>;
  /** Tells and waits for time; the machine's when absent. */
  readonly clock?: WaitingClock;
  /** A number in [0, 1), to spread restarts. */
  readonly random?: () => number;
}

/** Options with every default in place. */
export type Settings = Readonly<
  Required<
    Omit<PluginManagerOptions, "folders" | "store" | "lockPath" | "limits" | "watch" | "secrets">
  > & {
    readonly secrets: SecretSource | undefined;
    readonly folders: readonly string[] | undefined;
    readonly store: PluginStore | undefined;
    readonly lockPath: string | undefined;
    readonly limits: ManagerLimits;
    readonly watch: WatchOptions | undefined;
    readonly telemetry: Telemetry;
    readonly times: CallTimes;
  }
>;

const needed = [
  "directories",
  "hosts",
  "verifier",
  "consent",
  "enforcer",
  "audit",
  "engine",
] as const;

/**
 * Applies the defaults.
 *
 * @throws TypeError when a part without default is missing; RangeError when `watch.debounceMs` is out of bounds
 */
export function settle(options: PluginManagerOptions): Settings {
  for (const name of needed) {
    // A caller without types gets the same answer as one with them.
    if (options?.[name] === undefined || options[name] === null) {
      throw new TypeError(`Cannot make a PluginManager: option "${name}" is missing`);
    }
  }
  const { debounceMs = 200 } = options.watch ?? {};
  if (!(debounceMs >= 1 && debounceMs <= 60_000)) {
    const state = `watch.debounceMs is ${debounceMs}, not from 1 to 60,000`;
    throw new RangeError(`Cannot make a PluginManager: ${state}`);
  }
  const { clock = systemClock } = options;
  return {
    ...options,
    watch: options.watch,
    secrets: options.secrets,
    storage: options.storage ?? [],
    folders: options.folders,
    store: options.store,
    lockPath: options.lockPath,
    admission: options.admission ?? "each",
    eager: options.eager ?? [],
    guards: options.guards ?? [],
    restart: options.restart ?? {},
    limits: { maxInstances: 64, queue: 256, queueMs: 10_000, ...options.limits },
    clock,
    random: options.random ?? Math.random,
    telemetry: createTelemetry(),
    times: new CallTimes(clock),
  };
}
