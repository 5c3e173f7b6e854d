import { isLimitName, readLimits, type WasmLimits } from "./limits.ts";
import { WasmError } from "./wasm-error.ts";

/** A WebAssembly feature that can be switched on in a later version. */
export type WasmFeature =
  | "relaxed_simd"
  | "threads"
  | "multi_memory"
  | "memory64"
  | "gc"
  | "wide_arithmetic";

/** How a host runs guests. */
export interface WasmHostOptions {
  /** Where guests run. There is no default: the weaker choice is written down. `process` is `UNSUPPORTED` in this version. */
  readonly isolation: "worker" | "process";
  /** Starts confined children for `process`; `UNSUPPORTED` in this version. */
  readonly runner?: unknown;
  /** Fuel per call and per start, 1 to 2^53-1. Without it nothing counts fuel, and the time limit alone ends a guest. */
  readonly fuelLimit?: number;
  /** Milliseconds of one call and of one start; 5,000 when absent. */
  readonly timeoutMs?: number;
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<WasmLimits>;
  /** Features to switch on; any is `UNSUPPORTED` in this version. */
  readonly features?: readonly WasmFeature[];
  /** `deterministic` is `UNSUPPORTED` in this version. */
  readonly profile?: "default" | "deterministic";
  /** How Workers are kept. */
  readonly pool?: {
    /** Blank Workers that wait; 1 when absent, and none before the first guest. */
    readonly spares?: number;
    /** Workers at once; the limit `workers` when absent. */
    readonly maxWorkers?: number;
    /** Milliseconds after which an idle Worker is ended, and the guest's state with it; 60,000 when absent. */
    readonly idleMs?: number;
  };
  /** A cache on disk; `UNSUPPORTED` in this version, which keeps compiled guests in memory. */
  readonly cache?: unknown;
  /** Tells the time; the system's when absent. */
  readonly clock?: {
    /** Milliseconds since the epoch. */
    now(): number;
  };
}

/** What one load or call may use: less than the host allows, never more. */
export interface CallLimits {
  /** Fuel of this call; `UNSUPPORTED` for a call of a guest that was loaded without a fuel limit. */
  readonly fuelLimit?: number;
  /** Milliseconds of this call. */
  readonly timeoutMs?: number;
  /** Ends it with `CANCELLED`. */
  readonly signal?: AbortSignal;
}

/** What one guest may use: less than the host allows, never more. `fuelLimit` holds for its calls, too. */
export interface LoadLimits extends CallLimits {
  /** Limits of this guest; each at most the host's. */
  readonly limits?: Partial<WasmLimits>;
}

/** Options with every default filled in. */
export interface HostSettings {
  readonly fuelLimit: number | undefined;
  readonly timeoutMs: number;
  readonly limits: WasmLimits;
  readonly spares: number;
  readonly maxWorkers: number;
  readonly idleMs: number;
  readonly now: () => number;
}

const LONGEST_MS = 2_147_483_647;

/** Reads options. @throws {@link WasmError} `UNSUPPORTED` for what this version does not have; RangeError, TypeError for a wrong value */
export function readOptions(options: WasmHostOptions): HostSettings {
  const { isolation, runner, profile = "default", features = [], cache, pool = {} } = options;
  if (isolation !== "worker" && isolation !== "process") {
    throw new TypeError('Cannot create a host: isolation is neither "worker" nor "process"');
  }
  // An engine that ignores terminate() in a loop can hold no limit.
  if (process.versions["bun"] !== undefined) throw missing("engine");
  if (isolation === "process" || runner !== undefined) throw missing("process_isolation");
  if (profile !== "default") {
    if (profile === "deterministic") throw missing("deterministic");
    throw new TypeError("Cannot create a host: the profile is none that exists");
  }
  const [feature] = features;
  if (feature !== undefined) throw missing(feature);
  if (cache !== undefined) throw missing("cache");
  const limits = readLimits(options.limits ?? {});
  const { fuelLimit, timeoutMs = 5_000, clock = { now: Date.now } } = options;
  const { spares = 1, maxWorkers = limits.workers, idleMs = 60_000 } = pool;
  expectInteger("maxWorkers", maxWorkers, 1, limits.workers);
  return {
    fuelLimit:
      fuelLimit === undefined
        ? undefined
        : expectInteger("fuelLimit", fuelLimit, 1, Number.MAX_SAFE_INTEGER),
    timeoutMs: expectInteger("timeoutMs", timeoutMs, 1, LONGEST_MS),
    limits,
    spares: expectInteger("spares", spares, 0, maxWorkers),
    maxWorkers,
    idleMs: expectInteger("idleMs", idleMs, 1, LONGEST_MS),
    now: () => clock.now(),
  };
}

/** What of a host's settings holds for one call. @throws RangeError for more than the host allows */
export function lower(
  host: Pick<HostSettings, "fuelLimit" | "timeoutMs">,
  { fuelLimit, timeoutMs = host.timeoutMs }: CallLimits,
): { readonly fuelLimit: number | undefined; readonly timeoutMs: number } {
  expectInteger("timeoutMs", timeoutMs, 1, host.timeoutMs);
  if (fuelLimit === undefined) return { fuelLimit: host.fuelLimit, timeoutMs };
  expectInteger("fuelLimit", fuelLimit, 1, host.fuelLimit ?? Number.MAX_SAFE_INTEGER);
  return { fuelLimit, timeoutMs };
}

/** What holds for one call of a guest. @throws {@link WasmError} `UNSUPPORTED` (`fuel`) where nothing counts it; RangeError as {@link lower} */
export function lowerCall(
  guest: Pick<HostSettings, "fuelLimit" | "timeoutMs">,
  limits: CallLimits,
): { readonly fuelLimit: number | undefined; readonly timeoutMs: number } {
  const lowered = lower(guest, limits);
  if (guest.fuelLimit !== undefined || lowered.fuelLimit === undefined) return lowered;
  throw new WasmError(
    "UNSUPPORTED",
    "call",
    "Cannot call the guest with a fuel limit: it was loaded without one, so nothing counts; give one to the host or the load",
    { feature: "fuel" },
  );
}

/** The limits of one guest. @throws RangeError for more than the host allows */
export function lowerLimits(host: WasmLimits, limits: Partial<WasmLimits>): WasmLimits {
  const asked = readLimits({ ...host, ...limits });
  for (const [name, value] of Object.entries(asked)) {
    if (isLimitName(name) && value > host[name]) {
      throw new RangeError(`Cannot raise limit ${name} to ${value}: the host allows ${host[name]}`);
    }
  }
  return asked;
}

function expectInteger(name: string, value: number, least: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`Cannot set ${name} to ${value}: it is an integer from ${least} to ${most}`);
}

function missing(feature: string): WasmError {
  const message = `Cannot do it: this version has no ${feature}; leave it out or wait for the version that has it`;
  return new WasmError("UNSUPPORTED", "load", message, { feature });
}
