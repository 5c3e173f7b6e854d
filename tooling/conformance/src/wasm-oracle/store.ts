import type { FunctionType } from "./decode.ts";
import { Trap } from "./trap.ts";

const PAGE = 65_536;

/** How far all memories, or all tables, may still grow together. */
export interface Allowance {
  left: number;
}

export class Memory {
  view: DataView<ArrayBuffer>;
  readonly maximum: number;

  constructor(minimum: number, maximum: number) {
    this.view = new DataView(new ArrayBuffer(minimum * PAGE));
    this.maximum = maximum;
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.view.buffer);
  }

  get pages(): number {
    return this.view.byteLength / PAGE;
  }

  grow(count: number, allowance: Allowance): number {
    const before = this.pages;
    if (count > allowance.left || before + count > Math.min(65_536, this.maximum)) return -1;
    allowance.left -= count;
    const grown = new ArrayBuffer((before + count) * PAGE);
    new Uint8Array(grown).set(this.bytes);
    this.view = new DataView(grown);
    return before;
  }

  /** The place of `size` bytes at an address and an offset. */
  at(address: number, offset: number, size: number): number {
    return inside((address >>> 0) + offset, size, this.view.byteLength);
  }
}

export class Table {
  readonly items: unknown[];
  readonly maximum: number;

  constructor(minimum: number, maximum: number, first: unknown) {
    this.items = Array.from({ length: minimum }, () => first);
    this.maximum = maximum;
  }

  grow(count: number, first: unknown, allowance: Allowance): number {
    const before = this.items.length;
    if (count > allowance.left || before + count > this.maximum) return -1;
    allowance.left -= count;
    for (let left = count; left > 0; left -= 1) this.items.push(first);
    return before;
  }
}

export interface Global {
  value: unknown;
}

/** A function of a guest, or of its host. */
export interface Callable {
  readonly type: FunctionType;
  readonly run: (args: unknown[]) => unknown[];
  /** Index among the functions of its module, where it has a body. */
  readonly body?: number;
}

/** Answers `start` when `length` items lie inside of `size`. */
export function inside(start: number, length: number, size: number): number {
  if (start + length > size) throw new Trap("out_of_bounds");
  return start;
}
