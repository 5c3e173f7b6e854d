const WINDOW_MS = 60_000;
const MOST = 8;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 10_000;

/** How soon a failed guest is started again: at once, then ever later, and after eight failures in a minute not at all. */
export class ReplacementPace {
  readonly #now: () => number;
  #failures: readonly number[] = [];
  #spent = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Failures within the last minute. */
  get recent(): number {
    const since = this.#now() - WINDOW_MS;
    return this.#failures.filter((at) => at > since).length;
  }

  /** Whether it is not started again. */
  get spent(): boolean {
    return this.#spent;
  }

  /** How long the next start still waits, in milliseconds: counted from the last failure, so that waiting calls do not add up. */
  get delayMs(): number {
    const { recent } = this;
    if (recent < 2) return 0;
    const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (recent - 2));
    return Math.max(0, (this.#failures.at(-1) ?? 0) + delay - this.#now());
  }

  /** Counts a failure. */
  failed(): void {
    this.#failures = [...this.#failures.slice(1 - MOST), this.#now()];
    if (this.recent >= MOST) this.#spent = true;
  }

  /** Waits for the next start, or for the signal. */
  async wait(signal: AbortSignal): Promise<void> {
    const { delayMs } = this;
    if (delayMs === 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
