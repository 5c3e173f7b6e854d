/** Settles as `work`, or rejects with the signal's reason when that aborts first. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    work.catch(() => undefined);
    throw signal.reason;
  }
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Answers whether `work` settled within `ms`. */
export async function settlesWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), Math.max(0, Math.min(ms, 2_147_483_647)));
  });
  const settled = work.then(
    () => true,
    () => true,
  );
  const answer = await Promise.race([settled, late]);
  clearTimeout(timer);
  return answer;
}

/**
 * Aborts when one of `signals` does; `leave` lets go of them. `AbortSignal.any` keeps something for each use as long as a signal lives, and
 * here one signal may live through all calls of a plugin.
 */
export function firstOf(signals: readonly AbortSignal[]): {
  readonly signal: AbortSignal;
  readonly leave: () => void;
} {
  const own = new AbortController();
  const leave = (): void => {
    for (const signal of signals) signal.removeEventListener("abort", abort);
  };
  const abort = (): void => {
    leave();
    own.abort(signals.find(({ aborted }) => aborted)?.reason);
  };
  for (const signal of signals) signal.addEventListener("abort", abort, { once: true });
  if (signals.some(({ aborted }) => aborted)) abort();
  return { signal: own.signal, leave };
}

/** Aborts when one of `signals` does or `ms` are over; `stop` lets go of the timer and the signals. */
export function limited(
  ms: number,
  ...signals: readonly AbortSignal[]
): { readonly signal: AbortSignal; readonly stop: () => void } {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(TIME_OVER), Math.max(0, Math.min(ms, 2_147_483_647)));
  const { signal, leave } = firstOf([over.signal, ...signals]);
  const stop = (): void => {
    clearTimeout(timer);
    leave();
  };
  return { signal, stop };
}

/** The reason of a signal that {@link limited} aborted itself. */
export const TIME_OVER: unique symbol = Symbol("time is over");
