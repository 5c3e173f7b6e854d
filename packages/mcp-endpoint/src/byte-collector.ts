/** Puts chunks together in one growing piece of memory: a thousand chunks of one byte cost a thousand bytes, not a thousand objects. */
export class ByteCollector {
  readonly #maxBytes: number;
  #bytes = new Uint8Array(1_024);
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether more was added than is kept. */
  get isOver(): boolean {
    return this.#length > this.#maxBytes;
  }

  /** Whether nothing was added. */
  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** Adds a chunk. Beyond the limit bytes are counted alone. */
  add(chunk: Uint8Array): void {
    const from = this.#length;
    this.#length += chunk.byteLength;
    if (this.isOver) return;
    if (this.#length > this.#bytes.byteLength) {
      const grown = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.byteLength));
      grown.set(this.#bytes.subarray(0, from));
      this.#bytes = grown;
    }
    this.#bytes.set(chunk, from);
  }

  /** Hands over what was collected and begins anew; `undefined` when it was too much. */
  take(): Uint8Array | undefined {
    const taken = this.isOver ? undefined : this.#bytes.subarray(0, this.#length);
    this.#bytes = new Uint8Array(1_024);
    this.#length = 0;
    return taken;
  }
}
