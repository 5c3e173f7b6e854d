import type { WaitingClock } from "@sigilrt/lifecycle";

/** Aborts `idle` once there was no sign of life for `idleMs`; answers the function that reports one. */
export function watchIdle(
  clock: WaitingClock,
  idleMs: number,
  idle: AbortController,
  finished: AbortSignal,
): () => void {
  let lastSign = clock.now();
  const watch = async (): Promise<void> => {
    for (let rest = idleMs; rest > 0; rest = lastSign + idleMs - clock.now()) {
      // oxlint-disable-next-line no-await-in-loop -- sleeps until the next possible end
      await clock.sleep(rest, finished);
    }
    idle.abort();
  };
  watch().catch(() => undefined);
  return () => {
    lastSign = clock.now();
  };
}
