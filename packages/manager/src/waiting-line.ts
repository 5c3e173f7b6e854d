import type { WaitingClock } from "@sigilrt/lifecycle";

/** Callers that wait for an answer, first come first served, each no longer than told. */
export class WaitingLine<T> {
  readonly #clock: WaitingClock;
  readonly #count: (by: 1 | -1) => void;
  readonly #waiting: ((answer: T) => void)[] = [];

  /** `count` hears of everybody who comes and leaves. */
  constructor(clock: WaitingClock, count: (by: 1 | -1) => void) {
    this.#clock = clock;
    this.#count = count;
  }

  /** How many wait. */
  get length(): number {
    return this.#waiting.length;
  }

  /** Waits for an answer; after `ms` milliseconds it is what `late` says. Rejects with the signal's reason. `onLeave` hears of who gives up. */
  async wait(ms: number, signal: AbortSignal, late: () => T, onLeave: () => void): Promise<T> {
    signal.throwIfAborted();
    const { promise, resolve } = Promise.withResolvers<T>();
    let hasGivenUp = false;
    this.#waiting.push(resolve);
    const over = new AbortController();
    const giveUp = (): void => {
      const place = this.#waiting.indexOf(resolve);
      if (place < 0) return;
      // At once, so that nobody hands a place to who has gone.
      this.#waiting.splice(place, 1);
      hasGivenUp = true;
      resolve(late());
      onLeave();
    };
    this.#clock.sleep(ms, AbortSignal.any([signal, over.signal])).then(giveUp, giveUp);
    this.#count(1);
    const answer = await promise;
    this.#count(-1);
    over.abort();
    if (hasGivenUp) signal.throwIfAborted();
    return answer;
  }

  /** Answers the first in line. */
  answerFirst(answer: T): void {
    this.#waiting.shift()?.(answer);
  }

  /** Answers everybody. */
  answerAll(answer: T): void {
    for (const resolve of this.#waiting.splice(0)) resolve(answer);
  }
}
