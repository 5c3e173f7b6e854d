/** Bytes that grow at their end. */
export class ByteWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(capacity = 1_024) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** How many bytes were written. */
  get length(): number {
    return this.#length;
  }

  /** What was written, good until the next write. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Forgets what was written and keeps the room. */
  clear(): void {
    this.#length = 0;
  }

  /** Appends bytes. */
  push(...bytes: readonly number[]): void {
    this.#reserve(bytes.length);
    for (const byte of bytes) {
      this.#bytes[this.#length] = byte;
      this.#length += 1;
    }
  }

  /** Appends a range of another file. */
  copy(from: Uint8Array, start = 0, end = from.length): void {
    const length = end - start;
    if (length <= 0) return;
    this.#reserve(length);
    if (length < 24) {
      for (let at = start; at < end; at += 1) {
        this.#bytes[this.#length] = from[at] ?? 0;
        this.#length += 1;
      }
      return;
    }
    this.#bytes.set(from.subarray(start, end), this.#length);
    this.#length += length;
  }

  /** Appends an unsigned number in LEB128. */
  unsigned(value: number): void {
    this.#reserve(8);
    let left = value;
    while (left >= 128) {
      this.#bytes[this.#length] = (left % 128) + 128;
      this.#length += 1;
      left = Math.floor(left / 128);
    }
    this.#bytes[this.#length] = left;
    this.#length += 1;
  }

  /** Appends a number that is not negative as a signed one in LEB128. */
  signed(value: number): void {
    this.#reserve(8);
    let left = value;
    while (left >= 64) {
      this.#bytes[this.#length] = (left % 128) + 128;
      this.#length += 1;
      left = Math.floor(left / 128);
    }
    this.#bytes[this.#length] = left;
    this.#length += 1;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
