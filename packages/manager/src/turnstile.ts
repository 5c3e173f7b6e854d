import type { WaitingClock } from "@sigilrt/lifecycle";

/** Lets a number of holders in at once; the others wait in line, at most so many and so long. */
export interface Turnstile {
  /** How many are in. */
  readonly inside: number;
  /** Resolves with `true` once there is room; with `false` when the line is full or the wait too long. Rejects with the signal's reason. */
  enter(signal: AbortSignal): Promise<boolean>;
  /** Makes room for the next in line. */
  leave(): void;
  /** Lets in everybody, first those in line in their order, and keeps nobody waiting any more. */
  open(): void;
}

/** Makes a turnstile with `width` places and a line of `queue`, each waiting at most `queueMs`. */
export function createTurnstile(
  width: number,
  queue: number,
  queueMs: number,
  clock: WaitingClock,
): Turnstile {
  const line: (() => void)[] = [];
  let places = width;
  let inside = 0;

  const wait = async (signal: AbortSignal): Promise<boolean> => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const admit = (): void => resolve(true);
    line.push(admit);
    const over = new AbortController();
    const stop = AbortSignal.any([signal, over.signal]);
    const giveUp = (): void => {
      const place = line.indexOf(admit);
      if (place < 0) return;
      // At once, so that nobody hands a place to who has gone.
      line.splice(place, 1);
      resolve(false);
    };
    clock.sleep(queueMs, stop).then(giveUp, giveUp);
    const admitted = await promise;
    over.abort();
    if (!admitted) signal.throwIfAborted();
    return admitted;
  };

  return {
    get inside() {
      return inside;
    },
    async enter(signal) {
      signal.throwIfAborted();
      if (inside < places) {
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
    open() {
      places = Number.POSITIVE_INFINITY;
      const waiting = line.splice(0);
      inside += waiting.length;
      for (const admit of waiting) admit();
    },
  };
}
