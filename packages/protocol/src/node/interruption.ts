/** Ends waiting, whatever is waited for. */
export interface Interruption {
  /** Ends all waiting, now and later, with `reason`. Only the first interruption counts. */
  interrupt(reason: unknown): void;
  /** Settles as `work`, or rejects with the reason of the interruption when that comes first. */
  unless<T>(work: Promise<T>): Promise<T>;
}

/** Makes an interruption that has not happened. Unlike a race with one long promise it keeps nothing of what has settled. */
export function createInterruption(): Interruption {
  const waiting = new Set<(reason: unknown) => void>();
  let over: { readonly reason: unknown } | undefined;
  return {
    interrupt(reason) {
      over ??= { reason };
      for (const reject of waiting) reject(over.reason);
      waiting.clear();
    },
    unless: (work) =>
      new Promise((resolve, reject) => {
        if (over === undefined) waiting.add(reject);
        else reject(over.reason);
        const forget = (): boolean => waiting.delete(reject);
        work.then(resolve, reject).finally(forget);
      }),
  };
}
