import type { Clock, ExitReport, Waiting } from "@sigilrt/lifecycle";
import { LARGEST_MESSAGE_BYTES, LIMITS } from "@sigilrt/protocol";
import type { HostCallbacks } from "./host-callbacks.ts";
import { ProcessHostError } from "./process-host-error.ts";
import type { Runner } from "./runner.ts";

/** What the host is about to do, or has seen. */
export type HostEvent =
  | {
      /** A program is about to be started, or attached to; it is not when the record fails. */
      readonly type: "process.starting";
      /** The id the caller gave it. */
      readonly id: string;
      /** When, in milliseconds since the epoch. */
      readonly at: number;
    }
  | {
      /** A program has ended. */
      readonly type: "process.exited";
      /** The id the caller gave it. */
      readonly id: string;
      /** When, in milliseconds since the epoch. */
      readonly at: number;
      /** How it ended. */
      readonly exit: ExitReport;
    };

/** Longest time of each step of a start, in milliseconds. */
export interface StartTimeouts {
  /** Starting the program; 5,000 by default. */
  readonly spawnMs?: number;
  /** The whole start of `launch`; 60,000 by default. `start` takes `limits.startMs`. */
  readonly startMs?: number;
  /** Connecting; 5,000 by default. */
  readonly connectMs?: number;
  /** The first health check; 5,000 by default. */
  readonly healthMs?: number;
  /** `Init`; 30,000 by default. */
  readonly initMs?: number;
}

/** Longest time of each step of a stop, in milliseconds. Zero skips a step. */
export interface StopGraces {
  /** Waiting for running calls; 10,000 by default. */
  readonly drainMs?: number;
  /** Waiting after `Shutdown`; 2,000 by default. */
  readonly shutdownMs?: number;
  /** Waiting after SIGTERM; 2,000 by default. */
  readonly terminateMs?: number;
  /** Waiting after SIGKILL; 1,000 by default. */
  readonly killMs?: number;
}

/** How a process host works. */
export interface ProcessHostOptions {
  /** What starts programs. Running unconfined is written down: `unconfinedRunner()`. */
  readonly runner: Runner;
  /** Keeps a record; awaited before a start, and a rejection stops the start. */
  readonly record?: (event: HostEvent) => Promise<void>;
  /** What the connection to a plugin must be like. */
  readonly security?: {
    /**
     * `required` by default: go-plugin's AutoMTLS, by which both sides prove a one-time certificate; a plugin that does not serve it is
     * refused. `off` leaves the connection to the modes of its private folder.
     */
    readonly mtls?: "required" | "off";
    /** Which addresses are connected to: sockets in the plugin's own directory. `loopback` is refused in this version. */
    readonly addresses?: "socket-dir" | "loopback";
  };
  /**
   * Whether brokered connections are streams of the first one, rather than sockets of their own: `off` by default; `auto` asks for it and
   * does without where the plugin cannot, `required` refuses such a plugin.
   */
  readonly broker?: { readonly multiplex?: "off" | "auto" | "required" };
  /**
   * Whether calls leave gRPC for the framed lane once the plugin has begun: `auto` by default, where the runner shares descriptor 3 and the
   * plugin knows the lane; with `required` any other plugin is refused.
   */
  readonly lane?: "auto" | "required" | "off";
  /** Longest times of a start. */
  readonly timeouts?: StartTimeouts;
  /** Longest times of a stop. */
  readonly graces?: StopGraces;
  /** Limits of the wire. */
  readonly limits?: {
    /** The largest message that is taken, in bytes; 16 MiB by default. */
    readonly maxMessageBytes?: number;
  };
  /** What plugins may ask of the host; offered to none when it is left out. */
  readonly callbacks?: HostCallbacks;
  /** Tells the time of records and reports; the machine's by default. */
  readonly clock?: Clock;
}

/** Options of the stop of one program. */
export interface StopOptions extends Waiting {
  /** One budget for everything up to SIGTERM's wait, in milliseconds. */
  readonly graceMs?: number;
  /** Longest times of the steps; those of the host by default. */
  readonly graces?: StopGraces;
}

/** The options in force. */
export interface HostSettings {
  readonly runner: Runner;
  readonly record: (event: HostEvent) => Promise<void>;
  readonly mtls: "required" | "off";
  readonly multiplex: "off" | "auto" | "required";
  readonly timeouts: Required<StartTimeouts>;
  readonly graces: Required<StopGraces>;
  readonly lane: "auto" | "required" | "off";
  readonly maxMessageBytes: number;
  readonly callbacks?: HostCallbacks;
  readonly clock: Clock;
}

const KNOWN = new Set([
  "runner",
  "record",
  "security",
  "broker",
  "lane",
  "timeouts",
  "graces",
  "limits",
  "callbacks",
  "clock",
]);

const CALLBACKS = new Set([
  "kvGet",
  "kvPut",
  "kvDelete",
  "kvList",
  "readConfig",
  "readSession",
  "sendMessage",
  "callTool",
  "chat",
] satisfies (keyof HostCallbacks)[] as string[]);

/** Fills in the defaults; refuses what this version cannot do and what is no option. */
export function hostSettings(options: ProcessHostOptions): HostSettings {
  const { runner, security = {}, broker = {}, lane = "auto", limits = {} } = options;
  for (const name of Object.keys(options)) {
    if (!KNOWN.has(name))
      throw new TypeError(
        `Cannot create a process host: no option is named ${JSON.stringify(name)}`,
      );
  }
  if (typeof runner?.spawn !== "function") {
    throw new TypeError(
      "Cannot create a process host: options.runner is missing; write unconfinedRunner() to run without confinement",
    );
  }
  if (!["required", "off"].includes(security.mtls ?? "required")) {
    throw new TypeError(
      'Cannot create a process host: security.mtls is neither "required" nor "off"',
    );
  }
  const { multiplex = "off" } = broker;
  if (!["off", "auto", "required"].includes(multiplex)) {
    throw new TypeError(
      'Cannot create a process host: broker.multiplex is neither "off", "auto" nor "required"',
    );
  }
  for (const [name, callback] of Object.entries(options.callbacks ?? {})) {
    if (CALLBACKS.has(name) && typeof callback === "function") continue;
    throw new TypeError(
      `Cannot create a process host: callbacks.${name} is no callback, or no function`,
    );
  }
  if ((security.addresses ?? "socket-dir") !== "socket-dir")
    throw unimplemented("security.addresses", "loopback addresses");
  if (!["auto", "required", "off"].includes(lane)) {
    throw new TypeError(
      'Cannot create a process host: lane is none of "auto", "required" and "off"',
    );
  }
  const { maxMessageBytes = LIMITS.maxMessageBytes } = limits;
  if (
    !Number.isSafeInteger(maxMessageBytes) ||
    maxMessageBytes < 1 ||
    maxMessageBytes > LARGEST_MESSAGE_BYTES
  ) {
    throw new RangeError(
      `Cannot create a process host: limits.maxMessageBytes is not from 1 to ${LARGEST_MESSAGE_BYTES}`,
    );
  }
  return {
    runner,
    record: options.record ?? (async () => undefined),
    mtls: security.mtls ?? "required",
    multiplex,
    timeouts: times(
      { spawnMs: 5000, startMs: 60_000, connectMs: 5000, healthMs: 5000, initMs: 30_000 },
      options.timeouts,
      1,
    ),
    graces: stopGraces(
      { drainMs: 10_000, shutdownMs: 2000, terminateMs: 2000, killMs: 1000 },
      options.graces,
    ),
    lane,
    maxMessageBytes,
    ...(options.callbacks === undefined ? {} : { callbacks: options.callbacks }),
    clock: options.clock ?? { now: () => Date.now() },
  };
}

/** Answers the steps of a stop, those of `given` first. */
export const stopGraces = (
  base: Required<StopGraces>,
  given: StopGraces | undefined,
): Required<StopGraces> => times(base, given, 0);

function times<T extends Record<string, number>>(
  base: T,
  given: Partial<T> | undefined,
  least: number,
): T {
  const merged = { ...base, ...given };
  for (const [name, value] of Object.entries(merged)) {
    if (!Number.isFinite(value) || value < least) {
      throw new RangeError(
        `Cannot use ${name} ${value}: it is no number of milliseconds from ${least} upward`,
      );
    }
  }
  return merged;
}

const unimplemented = (option: string, what: string): ProcessHostError =>
  new ProcessHostError(
    "UNIMPLEMENTED",
    `Cannot create a process host: ${option} asks for ${what}, which this version does not have; leave the option out`,
    {
      phase: "prepare",
    },
  );
