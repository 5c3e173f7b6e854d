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

/** Aborts when one of `signals` does or `ms` are over; `stop` lets go of the timer. */
export function limited(
  ms: number,
  ...signals: readonly AbortSignal[]
): { readonly signal: AbortSignal; stop(): void } {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(TIME_OVER), Math.max(0, Math.min(ms, 2_147_483_647)));
  return { signal: AbortSignal.any([over.signal, ...signals]), stop: () => clearTimeout(timer) };
}

/** The reason of a signal that {@link limited} aborted itself. */
export const TIME_OVER: unique symbol = Symbol("time is over");
