import type { WaitingClock } from "../clock.ts";

interface Sleeper {
  readonly dueAt: number;
  readonly wake: () => void;
}

/** A clock that stands still until a test moves it. */
export interface ManualClock extends WaitingClock {
  /** How many sleepers wait. */
  readonly sleeping: number;
  /**
   * Moves time on and wakes who is due, earliest first; what a sleeper does next runs before the next one wakes.
   *
   * @throws {@link RangeError} when `ms` is negative or not finite: time does not go back
   */
  advance(ms: number): Promise<void>;
}

/** Makes a clock at `startMs` (0) that only {@link ManualClock.advance} moves, so that no test sleeps. */
export function createManualClock(startMs = 0): ManualClock {
  let time = startMs;
  const sleepers = new Set<Sleeper>();

  return {
    get sleeping() {
      return sleepers.size;
    },
    now: () => time,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const leave = (): void => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        const sleeper: Sleeper = {
          dueAt: time + ms,
          wake: () => {
            sleepers.delete(sleeper);
            signal?.removeEventListener("abort", leave);
            resolve();
          },
        };
        if (signal?.aborted === true) {
          reject(signal.reason);
          return;
        }
        signal?.addEventListener("abort", leave, { once: true });
        sleepers.add(sleeper);
      }),
    async advance(ms) {
      if (!Number.isFinite(ms) || ms < 0) {
        throw new RangeError(`Cannot advance the clock by ${ms} ms: time does not go back`);
      }
      const until = time + ms;
      await settle();
      for (let next = earliest(sleepers, until); next; next = earliest(sleepers, until)) {
        time = Math.max(time, next.dueAt);
        next.wake();
        // One sleeper's consequences may put another to sleep before `until`, so they come first.
        // oxlint-disable-next-line no-await-in-loop -- order is the point
        await settle();
      }
      time = until;
    },
  };
}

function earliest(sleepers: ReadonlySet<Sleeper>, until: number): Sleeper | undefined {
  let first: Sleeper | undefined;
  for (const sleeper of sleepers) {
    if (sleeper.dueAt <= until && (first === undefined || sleeper.dueAt < first.dueAt)) {
      first = sleeper;
    }
  }
  return first;
}

/** Lets every promise that can settle now settle, however long its chain within reason. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) {
    // oxlint-disable-next-line no-await-in-loop -- each turn lets one link of a chain settle
    await Promise.resolve();
  }
}
