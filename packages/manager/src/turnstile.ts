import type { WaitingClock } from "@sigilrt/lifecycle";

/** Lets a number of holders in at once; the others wait in line, at most so many and so long. */
export interface Turnstile {
  /** How many are in. */
  readonly inside: number;
  /** Resolves with `true` once there is room; with `false` when the line is full or the wait too long. Rejects with the signal's reason. */
  enter(signal: AbortSignal): Promise<boolean>;
  /** Makes room for the next in line. */
  leave(): void;
}

/** Makes a turnstile with `width` places and a line of `queue`, each waiting at most `queueMs`. */
export function createTurnstile(
  width: number,
  queue: number,
  queueMs: number,
  clock: WaitingClock,
): Turnstile {
  const line: (() => void)[] = [];
  let inside = 0;

  const wait = async (signal: AbortSignal): Promise<boolean> => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const admit = (): void => resolve(true);
    line.push(admit);
    const over = new AbortController();
    const stop = AbortSignal.any([signal, over.signal]);
    clock.sleep(queueMs, stop).then(
      () => resolve(false),
      () => resolve(false),
    );
    const admitted = await promise;
    over.abort();
    if (!admitted) {
      line.splice(line.indexOf(admit), 1);
      signal.throwIfAborted();
    }
    return admitted;
  };

  return {
    get inside() {
      return inside;
    },
    async enter(signal) {
      signal.throwIfAborted();
      if (inside < width) {
        inside += 1;
        return true;
      }
      return line.length < queue && (await wait(signal));
    },
    leave() {
      const next = line.shift();
      // The place goes over to the next in line, so that nobody slips in between.
      if (next) next();
      else inside -= 1;
    },
  };
}
