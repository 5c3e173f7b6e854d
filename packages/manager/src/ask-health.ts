import {
  type Health,
  LifecycleError,
  type RunningPlugin,
  type WaitingClock,
} from "@sigilrt/lifecycle";
import { waitFor } from "./wait-for.ts";

/** Letters of a plugin's explanation that are kept. */
const MOST_TEXT = 200;

/**
 * Asks a plugin how it is, for at most `ms` milliseconds. Whatever is no clear answer in time is `unhealthy`: silence, a failure, a word
 * that is none. Rejects with the signal's reason alone.
 */
export async function askHealth(
  running: RunningPlugin,
  ms: number,
  clock: WaitingClock,
  signal: AbortSignal,
): Promise<Health> {
  const late = new AbortController();
  const over = new AbortController();
  clock.sleep(ms, over.signal).then(
    () => late.abort(),
    () => undefined,
  );
  try {
    const stop = AbortSignal.any([signal, late.signal]);
    // A host that ignores its signal holds nobody.
    return readHealth(await waitFor(running.health({ signal: stop }), stop));
  } catch (error) {
    signal.throwIfAborted();
    const isLate = late.signal.aborted;
    const detail = error instanceof LifecycleError ? error.message : "unknown failure";
    const message = isLate ? `no answer about its health in ${ms} ms` : detail;
    return { status: "unhealthy", message: message.slice(0, MOST_TEXT) };
  } finally {
    over.abort();
  }
}

/** A host may pass on whatever a plugin says. */
function readHealth(answer: unknown): Health {
  const { status, message }: Partial<Record<string, unknown>> =
    typeof answer === "object" && answer !== null ? { ...answer } : {};
  if (status !== "healthy" && status !== "degraded" && status !== "unhealthy") {
    return { status: "unhealthy", message: "no word about its health" };
  }
  return { status, message: typeof message === "string" ? message.slice(0, MOST_TEXT) : "" };
}
