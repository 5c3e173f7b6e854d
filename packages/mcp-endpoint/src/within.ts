import type { Clock } from "./options.ts";

/**
 * Runs `work` for at most `ms` milliseconds and hands it a signal that aborts when they are over.
 *
 * @throws what `work` throws, the reason of `signal`, or an Error when the time is over
 */
export async function within<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const finished = new AbortController();
  const stop = AbortSignal.any([signal, late.signal]);
  stop.throwIfAborted();
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const leave = (): void => reject(stop.reason);
  stop.addEventListener("abort", leave, { once: true });
  clock.sleep(ms, finished.signal).then(
    () => late.abort(new Error(`Waited ${ms} ms for an answer that did not come`)),
    () => undefined,
  );
  try {
    return await Promise.race([work(stop), stopped]);
  } finally {
    stop.removeEventListener("abort", leave);
    finished.abort();
  }
}
