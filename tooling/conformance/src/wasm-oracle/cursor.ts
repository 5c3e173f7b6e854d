/** A place in a file, moved by reading. */
export class Cursor {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  u8(): number {
    const byte = this.bytes[this.at] ?? 0;
    this.at += 1;
    return byte;
  }

  /** LEB128 without sign, up to 32 bits. */
  unsigned(): number {
    return Number(this.#leb() & 0xffff_ffffn);
  }

  /** LEB128 with a sign. */
  signed(bits: 32 | 33 | 64): bigint {
    const from = this.at;
    const value = this.#leb();
    const read = (this.at - from) * 7;
    return BigInt.asIntN(bits, BigInt.asIntN(read, value));
  }

  name(): string {
    const length = this.unsigned();
    const text = new TextDecoder().decode(this.bytes.subarray(this.at, this.at + length));
    this.at += length;
    return text;
  }

  vector(read: () => unknown): void {
    for (let left = this.unsigned(); left > 0; left -= 1) read();
  }

  list<T>(read: () => T): T[] {
    const items: T[] = [];
    this.vector(() => items.push(read()));
    return items;
  }

  view(length: number): DataView {
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset + this.at, length);
    this.at += length;
    return view;
  }

  #leb(): bigint {
    const first = this.u8();
    if (first < 128) return BigInt(first);
    let value = BigInt(first & 127);
    for (let shift = 7n; ; shift += 7n) {
      const byte = this.u8();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  }
}
