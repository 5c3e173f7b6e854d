import type { WaitingClock } from "@sigilrt/lifecycle";

/** Does something at a time; a later request replaces the one before. */
export class WakeUp {
  readonly #clock: WaitingClock;
  #due: { readonly at: number; readonly stop: AbortController } | undefined;

  constructor(clock: WaitingClock) {
    this.#clock = clock;
  }

  /** Calls `act` at `at`, in milliseconds since the epoch. */
  schedule(at: number, act: () => void): void {
    if (this.#due?.at === at) return;
    this.cancel();
    const stop = new AbortController();
    this.#due = { at, stop };
    const wake = (): void => {
      this.#due = undefined;
      act();
    };
    const delay = Math.max(0, at - this.#clock.now());
    this.#clock.sleep(delay, stop.signal).then(wake, () => undefined);
  }

  /** Forgets what was scheduled. */
  cancel(): void {
    this.#due?.stop.abort();
    this.#due = undefined;
  }
}
