import { malformed } from "./refusal.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads a range of bytes strictly. Every method throws `COMPILE_FAILED` where the format is broken. */
export class ByteReader {
  /** The whole file. */
  readonly bytes: Uint8Array;
  /** The next byte. */
  at: number;
  /** The first byte behind the range. */
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** Whether bytes are left. */
  get more(): boolean {
    return this.at < this.end;
  }

  /** One byte. */
  byte(): number {
    const value = this.at < this.end ? this.bytes[this.at] : undefined;
    if (value === undefined) throw malformed("an unexpected end", this.at);
    this.at += 1;
    return value;
  }

  /** The next byte, left where it is. */
  peek(): number | undefined {
    return this.more ? this.bytes[this.at] : undefined;
  }

  /** Steps over `count` bytes. */
  skip(count: number): void {
    if (count > this.end - this.at) throw malformed("an unexpected end", this.at);
    this.at += count;
  }

  /** An unsigned number of at most 32 bits. */
  u32(): number {
    let value = 0;
    for (let index = 0; index < 5; index += 1) {
      const byte = this.byte();
      // The fifth byte has four bits to give; more would be a number that another reader reads otherwise.
      if (index === 4 && byte > 0x0f) throw malformed("an overlong number", this.at);
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    throw malformed("an overlong number", this.at);
  }

  /** Steps over a number in LEB128 of at most `bits` bits. */
  leb(bits: 32 | 33 | 64): void {
    const longest = Math.ceil(bits / 7);
    for (let index = 0; index < longest; index += 1) if (this.byte() < 0x80) return;
    throw malformed("an overlong number", this.at);
  }

  /** A count of items of which each takes at least one byte: never more than bytes are left. */
  count(): number {
    const at = this.at;
    const count = this.u32();
    if (count > this.end - this.at) throw malformed("a count that the bytes cannot hold", at);
    return count;
  }

  /** A name in UTF-8; `undefined` when it is not UTF-8. */
  name(): string | undefined {
    const start = this.at;
    const length = this.u32();
    if (length > this.end - this.at) throw malformed("a name longer than the file", start);
    const from = this.at;
    this.at += length;
    try {
      return utf8.decode(this.bytes.subarray(from, this.at));
    } catch {
      return undefined;
    }
  }

  /** A reader of the next `length` bytes, which are stepped over. */
  part(length: number): ByteReader {
    const from = this.at;
    this.skip(length);
    return new ByteReader(this.bytes, from, this.at);
  }

  /** Refuses bytes that nothing has read. */
  finish(): void {
    if (this.more) throw malformed("bytes that belong to nothing", this.at);
  }
}
