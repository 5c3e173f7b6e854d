/** Something that ends at a time. */
export interface Ending {
  /** When, as `performance.now()` tells it. */
  readonly endsAt: number;
  /** Is called once, at the earliest then. */
  expire(): void;
}

/** Ends many things by one timer, which costs a call that ends in time next to nothing. */
export interface Deadlines {
  add(ending: Ending): void;
  remove(ending: Ending): void;
  /** Forgets all. */
  clear(): void;
}

const LONGEST_MS = 2_147_483_647;

/** Makes them. The timer keeps no process alive: what has a deadline also has a connection. */
export function createDeadlines(): Deadlines {
  const waiting = new Set<Ending>();
  let timer: NodeJS.Timeout | undefined;
  let armedFor = Number.POSITIVE_INFINITY;

  const arm = (at: number): void => {
    clearTimeout(timer);
    armedFor = at;
    timer = setTimeout(fire, Math.min(Math.max(1, Math.ceil(at - performance.now())), LONGEST_MS));
    timer.unref();
  };
  const fire = (): void => {
    armedFor = Number.POSITIVE_INFINITY;
    const now = performance.now();
    let next = Number.POSITIVE_INFINITY;
    for (const ending of waiting) {
      if (ending.endsAt <= now) {
        waiting.delete(ending);
        ending.expire();
      } else {
        next = Math.min(next, ending.endsAt);
      }
    }
    if (next < armedFor) arm(next);
  };
  return {
    add(ending) {
      waiting.add(ending);
      if (ending.endsAt < armedFor) arm(ending.endsAt);
    },
    remove: (ending) => void waiting.delete(ending),
    clear() {
      waiting.clear();
      clearTimeout(timer);
      armedFor = Number.POSITIVE_INFINITY;
    },
  };
}
