/** Keeps the newest items within a bound, for one reader who may be slow or absent. */
export interface BoundedRing<T> {
  /** Adds an item, and drops the oldest ones while there is too much. */
  push(item: T): void;
  /** Lets the reader end after what is kept. */
  end(): void;
  /** Yields items as they come, each with how many were dropped before it. Two readers share the items. */
  readonly items: AsyncIterable<{ readonly item: T; readonly dropped: number }>;
}

/** Makes a ring that holds items of at most `maxWeight` together. */
export function createBoundedRing<T>(
  maxWeight: number,
  weigh: (item: T) => number,
): BoundedRing<T> {
  const kept: T[] = [];
  let weight = 0;
  let dropped = 0;
  let ended = false;
  let wake = Promise.withResolvers<void>();

  async function* read(): AsyncGenerator<
    { readonly item: T; readonly dropped: number },
    void,
    undefined
  > {
    for (;;) {
      const item = kept.shift();
      if (item !== undefined) {
        weight -= weigh(item);
        const before = dropped;
        dropped = 0;
        yield { item, dropped: before };
      } else if (ended) {
        return;
      } else {
        // oxlint-disable-next-line no-await-in-loop -- waits for the next item
        await wake.promise;
      }
    }
  }

  return {
    push(item) {
      if (ended) return;
      kept.push(item);
      weight += weigh(item);
      while (weight > maxWeight) {
        const oldest = kept.shift();
        if (oldest === undefined) break;
        weight -= weigh(oldest);
        dropped += 1;
      }
      wake.resolve();
      wake = Promise.withResolvers<void>();
    },
    end() {
      ended = true;
      wake.resolve();
    },
    items: { [Symbol.asyncIterator]: read },
  };
}
