import { ProtocolError, STATUS } from "@sigilrt/protocol";
import type { RouteContext } from "@sigilrt/protocol/node";
import type { OperationContext } from "./call-context.ts";
import type { Initialisation } from "./lifecycle-routes.ts";
import { PluginFailure } from "./plugin-failure.ts";
import { cancelled, type RunningCall } from "./running-calls.ts";
import { onceEnded, type ServedPlugin } from "./served-plugin.ts";
import { wordsOf } from "./thrown.ts";
import { traceOf } from "./trace.ts";

/** Lets calls of the host in, while the plugin is to be used. */
export interface Gate {
  /** Begins a call under the id that the host gave it. Throws a {@link ProtocolError} when the plugin has not begun, or stops. */
  enter(callId: string, route: RouteContext): RunningCall;
}

/** Makes the gate of a plugin. */
export function createGate(
  { calls, lifetime }: ServedPlugin,
  initialisation: Initialisation,
): Gate {
  return {
    enter(callId, route) {
      if (lifetime.isStopping()) throw refused(STATUS.UNAVAILABLE, "the plugin stops");
      if (!initialisation.isDone()) {
        throw refused(STATUS.FAILED_PRECONDITION, "Init has not ended well");
      }
      const running = calls.begin(callId);
      const host = initialisation.hostFor()?.(callId, running.signal);
      onceEnded(route, () => running.abort(cancelled("the host no longer waits for the call")));
      return host === undefined ? running : { ...running, host };
    },
  };
}

/** What an operation of a channel or a provider knows of itself. */
export function operationContext(
  { log, now = Date.now }: Pick<ServedPlugin, "log" | "now">,
  route: Pick<RouteContext, "timeoutMs" | "metadata">,
  running: RunningCall,
): OperationContext {
  const { timeoutMs } = route;
  const trace = traceOf(route.metadata);
  return Object.freeze({
    signal: running.signal,
    log,
    ...(running.host === undefined ? {} : { host: running.host }),
    ...(timeoutMs === undefined ? {} : { deadline: new Date(now() + timeoutMs) }),
    ...(trace === undefined ? {} : { trace }),
  });
}

/** A failure of an author's function, as far as a host may read it. */
export interface OperationFailure {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

/** Says what an author's function threw; what the author did not mean for the caller goes to the log. */
export function failureIn(
  error: unknown,
  work: string,
  { log }: Pick<ServedPlugin, "log">,
): OperationFailure {
  if (error instanceof PluginFailure) {
    const { code, message, retryable } = error;
    return { code, message, retryable };
  }
  log.error(`${work} failed`, { error });
  return { code: "internal", message: wordsOf(error, work), retryable: false };
}

/** The status of a call whose answer has no room for a failure. */
export const failedCall = ({ code, message }: OperationFailure): ProtocolError =>
  refused(code === "internal" ? STATUS.INTERNAL : STATUS.FAILED_PRECONDITION, message);

/** Refuses a call of the host. */
export const refused = (status: number, found: string): ProtocolError =>
  new ProtocolError("CALL_FAILED", `Cannot serve the call: ${found}`, { status });
