import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { finished } from "node:stream/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { OpenItem } from "./open-work.ts";
import type { RequestId } from "./vocabulary.ts";

/** One request that is open: how long it takes its place, and what ends it. */
export class OpenRequest implements OpenItem {
  readonly done: Promise<void>;
  /** What the client sent as `Authorization`. */
  readonly authorization: string | undefined;
  /** The id of its message, once that was read. */
  id: RequestId | undefined;
  isCutOff = false;
  readonly #response: ServerResponse;
  readonly #over = new AbortController();
  readonly #settle: () => void;
  #work: Promise<unknown> = Promise.resolve();
  readonly #leaves: (() => void)[] = [];

  constructor(response: ServerResponse, readerMs: number) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.done = promise;
    this.#settle = resolve;
    this.#response = response;
    this.authorization = response.req.headers.authorization;
    response.once("close", () => this.#over.abort());
    // Writing to a client that has left is no fault of anybody.
    response.on("error", () => this.#over.abort());
    // Slow reading: whoever leaves an answer lying in the buffers gives its place to others.
    response.setTimeout(readerMs, () => {
      if (response.writableLength > 0) response.destroy();
    });
  }

  /** Aborts when the client has left or nobody waits any longer. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Keeps a place until its end; `false` when there was none. */
  hold(leave: (() => void) | undefined): boolean {
    if (leave) this.#leaves.push(leave);
    return leave !== undefined;
  }

  keepUntil(work: Promise<unknown>): void {
    this.#work = work;
  }

  async flushed(): Promise<void> {
    // What was just written reaches the response within this turn.
    await nextTurn();
    if (!this.#response.writableNeedDrain) return;
    await once(this.#response, "drain", { signal: this.signal }).catch(() => undefined);
  }

  /** Ends it because its client said so. */
  cancel(): void {
    this.#over.abort();
  }

  cutOff(): void {
    this.isCutOff = true;
    this.#over.abort();
  }

  /** Resolves when the client has the answer, or has left, and no work for it goes on. */
  async end(): Promise<void> {
    await finished(this.#response).catch(() => undefined);
    await this.#work.catch(() => undefined);
    for (const leave of this.#leaves) leave();
    this.#settle();
  }
}
