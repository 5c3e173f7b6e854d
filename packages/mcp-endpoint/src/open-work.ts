/** Something that a closing endpoint waits for. */
export interface OpenItem {
  /** Settles when nothing of it is left; never rejects. */
  readonly done: Promise<void>;
  /** Ends it without waiting any longer. */
  cutOff(): void;
}

/** What is open now, and whether more may come. */
export class OpenWork {
  readonly #items = new Set<OpenItem>();
  readonly #closing = new AbortController();

  /** Aborts when nothing new is to begin. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  add(item: OpenItem): void {
    this.#items.add(item);
    void item.done.then(() => this.#items.delete(item));
  }

  /** Lets nothing new begin, waits for what is open until `patience` settles, then ends the rest. */
  async close(patience: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#closing.abort();
    const drained = new AbortController();
    const all = Promise.all([...this.#items].map(({ done }) => done));
    await Promise.race([all, patience(drained.signal)]);
    drained.abort();
    for (const item of this.#items) item.cutOff();
    await all;
  }
}
