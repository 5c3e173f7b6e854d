/** A source of time. `Date` is one. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

/** Time that never goes back: what has expired stays expired, whatever the clock does. */
export class HighestTime {
  readonly #clock: Clock;
  #highest = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws RangeError when the clock answers no time: then nothing is known to be unexpired. */
  now(): number {
    const now = this.#clock.now();
    if (typeof now !== "number" || Number.isNaN(now)) {
      throw new RangeError("Cannot tell the time: the clock answered no number");
    }
    this.#highest = Math.max(this.#highest, now);
    return this.#highest;
  }
}
