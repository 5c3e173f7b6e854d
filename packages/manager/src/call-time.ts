import type { WaitingClock } from "@sigilrt/lifecycle";

/** Aborts `late` at a time, unless it is over before. */
export function endAt(
  deadlineAt: number | undefined,
  clock: WaitingClock,
  over: AbortSignal,
  late: AbortController,
): void {
  if (deadlineAt === undefined || deadlineAt === Number.POSITIVE_INFINITY) return;
  clock.sleep(Math.max(0, deadlineAt - clock.now()), over).then(
    () => late.abort(),
    () => undefined,
  );
}

/** Aborts `idle` when a call shows no sign of life; answers the function that reports one. */
export function endWhenIdle(
  idleMs: number,
  clock: WaitingClock,
  over: AbortSignal,
  idle: AbortController,
): () => void {
  let lastSign = clock.now();
  const watch = async (): Promise<void> => {
    for (let rest = idleMs; rest > 0; rest = lastSign + idleMs - clock.now()) {
      // oxlint-disable-next-line no-await-in-loop -- sleeps until the next possible end
      await clock.sleep(rest, over);
    }
    idle.abort();
  };
  watch().catch(() => undefined);
  return () => {
    lastSign = clock.now();
  };
}
