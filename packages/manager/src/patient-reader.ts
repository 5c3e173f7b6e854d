import type { CallChunk, WaitingClock } from "@sigilrt/lifecycle";

/** How long a plugin has to end a call that was cancelled. */
const IGNORED_MS = 1_000;

/**
 * Reads what a call yields. When `stop` aborts, or the reader leaves, and the call does not end within a second, it is left alone:
 * `onIgnored` is told, and who waits gets the signal's reason instead.
 */
export class PatientReader {
  readonly #chunks: AsyncIterator<CallChunk, unknown>;
  readonly #stop: AbortSignal;
  readonly #clock: WaitingClock;
  readonly #onIgnored: () => void;
  readonly #begin = (): void => this.#countDown();
  #patience: AbortController | undefined;
  #giveUp: ((reason: unknown) => void) | undefined;
  #isIgnored = false;
  /** It ended, failed, or was left alone. */
  #isOver = false;

  constructor(
    chunks: AsyncIterable<CallChunk>,
    stop: AbortSignal,
    clock: WaitingClock,
    onIgnored: () => void,
  ) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#stop = stop;
    this.#clock = clock;
    this.#onIgnored = onIgnored;
    if (stop.aborted) this.#countDown();
    else stop.addEventListener("abort", this.#begin, { once: true });
  }

  /** The next chunk. */
  async next(): Promise<IteratorResult<CallChunk, unknown>> {
    this.#isOver = true;
    const next = await this.#unlessIgnored(() => this.#chunks.next());
    this.#isOver = next.done === true;
    return next;
  }

  /** Ends the call when it has not ended already, and waits for that as long as there is patience. */
  async close(): Promise<void> {
    this.#stop.removeEventListener("abort", this.#begin);
    if (!this.#isOver) {
      this.#countDown();
      const left = this.#unlessIgnored(async () => await this.#chunks.return?.());
      await left.catch(() => undefined);
    }
    this.#patience?.abort();
  }

  #unlessIgnored<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#isIgnored) reject(this.#stop.reason);
      this.#giveUp = reject;
      work().then(resolve, reject);
    });
  }

  #countDown(): void {
    if (this.#patience) return;
    this.#patience = new AbortController();
    const ignore = (): void => {
      this.#isIgnored = true;
      this.#onIgnored();
      this.#giveUp?.(this.#stop.reason);
    };
    this.#clock.sleep(IGNORED_MS, this.#patience.signal).then(ignore, () => undefined);
  }
}
