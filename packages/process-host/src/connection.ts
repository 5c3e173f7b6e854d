import { type ExitReport, type HostCallOptions, LifecycleError } from "@sigilrt/lifecycle";
import { ProtocolError, STATUS } from "@sigilrt/protocol";
import type { GrpcCallOptions, Method } from "@sigilrt/protocol/node";
import type { Calls } from "./lane-negotiation.ts";
import { ProcessHostError, toLifecycleError } from "./process-host-error.ts";
import type { RunningCallIds } from "./running-call-ids.ts";
import { firstOf, settlesWithin } from "./waiting.ts";

/** How long a lost connection waits for the exit that explains it. */
const EXIT_WAIT_MS = 250;

/** The calls of one plugin: counts them, ends them with it, and says their failures in the words of this package. */
export interface Connection {
  /** The ids of its calls that have one. */
  readonly ids: RunningCallIds;
  /** Calls that run now. */
  inFlight(): number;
  /** Settles when no call runs. */
  idle(): Promise<void>;
  /** Refuses new calls from now on. */
  refuseNew(): void;
  /** Ends what still runs. */
  cancelAll(): void;
  /** Asks by the lane, where there is one, whether the plugin still reads. Throws {@link ProcessHostError}. */
  ping(options: GrpcCallOptions): Promise<void>;
  /** Makes a unary call. Throws {@link ProcessHostError}. */
  unary<I, O>(method: Method<I, O>, message: I, options: GrpcCallOptions): Promise<O>;
  /** Makes a call answered by a stream. Throws {@link ProcessHostError} while iterating. */
  stream<I, O>(
    method: Method<I, O>,
    message: I,
    options: GrpcCallOptions,
  ): AsyncGenerator<O, void, undefined>;
}

/** How a plugin ends. */
export interface PluginEnd {
  /** Settles when its process is gone. */
  readonly gone: Promise<unknown>;
  /** Settles some time after, with the report; what is left of it is taken away meanwhile. */
  readonly exited: Promise<ExitReport>;
  /** How it broke the rules of what lies below the channel, if it did. */
  readonly fault: () => ProtocolError | undefined;
}

/** Wraps a channel; `end` explains why it was lost. */
export function createConnection(channel: Calls, end: PluginEnd, ids: RunningCallIds): Connection {
  let running = 0;
  let refusing = false;
  let idle = Promise.withResolvers<void>();
  const ending = new AbortController();

  const begin = (): void => {
    if (refusing) throw stopping();
    running += 1;
  };
  const settle = (): void => {
    running -= 1;
    if (running > 0) return;
    idle.resolve();
    idle = Promise.withResolvers<void>();
  };
  const withEnding = (options: GrpcCallOptions) => {
    const given = options.signal === undefined ? [] : [options.signal];
    const { signal, leave } = firstOf([...given, ending.signal]);
    return { options: { ...options, signal }, leave };
  };
  const failure = async (error: unknown, options: GrpcCallOptions): Promise<ProcessHostError> => {
    if (options.signal?.aborted !== true && ending.signal.aborted) return stopping();
    return await callFailure(error, end);
  };

  return {
    ids,
    inFlight: () => running,
    idle: () => (running === 0 ? Promise.resolve() : idle.promise),
    refuseNew: () => {
      refusing = true;
    },
    cancelAll: () => ending.abort(),
    ping: async (options) => {
      try {
        await channel.ping(options);
      } catch (error) {
        throw await failure(error, options);
      }
    },
    unary: async (method, message, options) => {
      begin();
      const own = withEnding(options);
      try {
        return await channel.unary(method, message, own.options);
      } catch (error) {
        throw await failure(error, options);
      } finally {
        own.leave();
        settle();
      }
    },
    async *stream(method, message, options) {
      begin();
      const own = withEnding(options);
      try {
        yield* channel.stream(method, message, own.options);
      } catch (error) {
        throw await failure(error, options);
      } finally {
        own.leave();
        settle();
      }
    },
  };
}

/** Turns the options of a contract's call into those of the wire. */
export function wireOptions({ signal, deadlineAt }: HostCallOptions, now: number): GrpcCallOptions {
  return { signal, timeoutMs: deadlineAt - now };
}

/** Runs `work` and says its failure in the words of the contract. */
export async function contractual<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw contractError(error);
  }
}

/** Answers `error` in the words of the contract. */
export function contractError(error: unknown): unknown {
  if (error instanceof LifecycleError) return error;
  return error instanceof ProcessHostError ? toLifecycleError(error) : error;
}

async function callFailure(
  error: unknown,
  { gone, exited, fault }: PluginEnd,
): Promise<ProcessHostError> {
  if (!(error instanceof ProtocolError)) {
    return error instanceof ProcessHostError
      ? error
      : new ProcessHostError("PLUGIN_MISBEHAVED", "Cannot read an answer of the plugin", {
          phase: "call",
          cause: error,
        });
  }
  const facts = {
    phase: "call",
    cause: error,
    ...(error.status === undefined ? {} : { status: error.status }),
  } as const;
  if (error.code === "LANE_VIOLATED")
    return new ProcessHostError("LANE_VIOLATED", error.message, facts);
  if (error.code === "FRAME_MALFORMED")
    return new ProcessHostError("PLUGIN_MISBEHAVED", error.message, facts);
  switch (error.status ?? STATUS.UNKNOWN) {
    case STATUS.UNAVAILABLE: {
      const hasEnded = await settlesWithin(gone, EXIT_WAIT_MS);
      const cause = fault();
      if (cause !== undefined)
        return new ProcessHostError("PLUGIN_MISBEHAVED", cause.message, { ...facts, cause });
      if (!hasEnded) {
        return new ProcessHostError(
          "PLUGIN_UNAVAILABLE",
          "Cannot reach the plugin: the connection was lost",
          facts,
        );
      }
      const exit = await exited;
      return new ProcessHostError(
        "PLUGIN_CRASHED",
        `Cannot finish the call: the plugin ended, ${exit.cause}`,
        { ...facts, exit },
      );
    }
    case STATUS.CANCELLED:
      return new ProcessHostError("CANCELLED", "Cannot finish the call: it was cancelled", facts);
    case STATUS.DEADLINE_EXCEEDED:
      return new ProcessHostError(
        "DEADLINE_EXCEEDED",
        "Cannot finish the call: its time was over",
        facts,
      );
    case STATUS.RESOURCE_EXHAUSTED:
      return new ProcessHostError(
        "MESSAGE_TOO_LARGE",
        "Cannot finish the call: a message was above a limit",
        facts,
      );
    case STATUS.UNIMPLEMENTED:
      return new ProcessHostError(
        "UNIMPLEMENTED",
        "Cannot make the call: the plugin does not serve it",
        facts,
      );
    default:
      return new ProcessHostError("CALL_FAILED", error.message, facts);
  }
}

const stopping = (): ProcessHostError =>
  new ProcessHostError("STOPPING", "Cannot call the plugin: it is stopping or has ended", {
    phase: "call",
  });
