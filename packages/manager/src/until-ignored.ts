import type { CallChunk, WaitingClock } from "@sigilrt/lifecycle";

/** How long a plugin has to end a call that was cancelled. */
const IGNORED_MS = 1_000;

/**
 * Passes on what a call yields. When `stop` aborts, or the reader leaves, and the call does not end within a second, it is left alone:
 * `onIgnored` is told, and the reader gets the signal's reason instead of waiting.
 */
export async function* untilIgnored(
  chunks: AsyncGenerator<CallChunk>,
  stop: AbortSignal,
  clock: WaitingClock,
  onIgnored: () => void,
): AsyncGenerator<CallChunk> {
  const ignored = Promise.withResolvers<never>();
  let over: AbortController | undefined;
  const begin = (): void => {
    ignored.promise.catch(() => undefined);
    over ??= new AbortController();
    const giveUp = (): void => {
      onIgnored();
      ignored.reject(stop.reason);
    };
    clock.sleep(IGNORED_MS, over.signal).then(giveUp, () => undefined);
  };
  if (stop.aborted) begin();
  else stop.addEventListener("abort", begin, { once: true });
  let hasLeft = true;
  try {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- chunks are pulled one by one
      const next = await Promise.race([chunks.next(), ignored.promise]);
      if (next.done === true) break;
      yield next.value;
    }
    hasLeft = false;
  } catch (error) {
    hasLeft = false;
    throw error;
  } finally {
    stop.removeEventListener("abort", begin);
    if (hasLeft) {
      if (!over) begin();
      await Promise.race([chunks.return(undefined), ignored.promise]).catch(() => undefined);
    }
    over?.abort();
  }
}
