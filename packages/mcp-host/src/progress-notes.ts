import type { CallChunk, HostCallOptions, Progress } from "@sigilrt/lifecycle";
import type { LineTransport } from "./line-transport.ts";

const MAX_PENDING_NOTES = 64;

/** Notes of progress between a server that sends and a reader that takes its time. */
export class ProgressNotes {
  readonly #transport: LineTransport;
  readonly #notes: Progress[] = [];
  #wake: () => void = () => undefined;

  constructor(transport: LineTransport) {
    this.#transport = transport;
  }

  take({
    progress,
    total,
    message,
  }: {
    progress: number;
    total?: number | undefined;
    message?: string | undefined;
  }): void {
    this.#notes.push({
      completed: progress,
      ...(total === undefined ? {} : { total }),
      ...(message === undefined ? {} : { message }),
    });
    // A reader who is slow holds the server, not the gateway's memory.
    if (this.#notes.length >= MAX_PENDING_NOTES) this.#transport.pause();
    this.#wake();
  }

  /** Hands out notes until the answer is there. */
  async *read(
    answer: Promise<unknown>,
    signal: AbortSignal,
    onProgress: HostCallOptions["onProgress"],
  ): AsyncIterable<CallChunk> {
    let isOver = false;
    const end = (): void => {
      isOver = true;
      this.#wake();
    };
    answer.then(end, end);
    signal.addEventListener("abort", end, { once: true });
    try {
      for (;;) {
        const progress = this.#notes.shift();
        if (signal.aborted || (isOver && progress === undefined)) return;
        if (progress === undefined) {
          this.#transport.resume();
          const { promise, resolve } = Promise.withResolvers<void>();
          this.#wake = resolve;
          // oxlint-disable-next-line no-await-in-loop -- waits for the next note or the end
          await promise;
        } else if (onProgress) {
          // oxlint-disable-next-line no-await-in-loop -- the reader's pace holds the server
          await Promise.race([onProgress(progress), aborted(signal)]);
        } else {
          yield { kind: "progress", progress };
        }
      }
    } finally {
      this.#transport.resume();
    }
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
