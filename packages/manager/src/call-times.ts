import type { WaitingClock } from "@sigilrt/lifecycle";
import { WakeUp } from "./wake-up.ts";

/** Something that ends at a time which may move. */
export interface Timed {
  /** When it is due, in milliseconds since the epoch. */
  readonly dueAt: number;
  /** It is. */
  end(): void;
}

/** Watches the limits of all calls of one manager with one timer, so that a call that ends in time costs none. */
export class CallTimes {
  readonly #clock: WaitingClock;
  readonly #wake: WakeUp;
  readonly #timed = new Set<Timed>();
  #nextAt = Number.POSITIVE_INFINITY;

  constructor(clock: WaitingClock) {
    this.#clock = clock;
    this.#wake = new WakeUp(clock);
  }

  /** Watches from now on; again when it became due earlier. */
  add(timed: Timed): void {
    this.#timed.add(timed);
    if (timed.dueAt < this.#nextAt) this.#sleep(timed.dueAt);
  }

  /** Watches it no more. */
  delete(timed: Timed): void {
    this.#timed.delete(timed);
  }

  /** Forgets everything. */
  close(): void {
    this.#timed.clear();
    this.#wake.cancel();
  }

  #sleep(until: number): void {
    this.#nextAt = until;
    this.#wake.schedule(until, () => this.#look());
  }

  #look(): void {
    const now = this.#clock.now();
    this.#nextAt = Number.POSITIVE_INFINITY;
    for (const timed of this.#timed) {
      if (timed.dueAt > now) continue;
      this.#timed.delete(timed);
      timed.end();
    }
    let next = Number.POSITIVE_INFINITY;
    for (const { dueAt } of this.#timed) next = Math.min(next, dueAt);
    if (next < this.#nextAt) this.#sleep(next);
  }
}
