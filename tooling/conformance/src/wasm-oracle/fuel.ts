/** The fuel is used up: no instruction of the run happened. */
export class OutOfFuel extends Error {}

/** What a run of a guest may still use. */
export class Tank {
  left: number;

  constructor(left: number) {
    this.left = left;
  }

  burn(cost: number): void {
    this.left -= cost;
    if (this.left < 0) throw new OutOfFuel("no fuel");
  }
}

const free = new Set([0x01, 0x02, 0x03, 0x05, 0x0b, 0x1a]);
const four = new Set([
  // i32 and i64: div_s div_u rem_s rem_u
  0x6d, 0x6e, 0x6f, 0x70, 0x7f, 0x80, 0x81, 0x82,
  // f32 and f64: sqrt div; the same of vectors
  0x91, 0x95, 0x9f, 0xa3, 0xfde3, 0xfde7, 0xfdef, 0xfdf3,
  // call, call_indirect, return_call, return_call_indirect, throw, throw_ref
  0x10, 0x11, 0x12, 0x13, 0x08, 0x0a,
]);
const eight = new Set([0xfc08, 0xfc0a, 0xfc0b, 0xfc0c, 0xfc0e, 0xfc0f, 0xfc11]);

/** The fixed part of what an instruction costs, METER_VERSION 1. */
export function costOf(op: number): number {
  if (free.has(op)) return 0;
  if (four.has(op)) return 4;
  if (eight.has(op)) return 8;
  return op === 0x40 ? 16 : 1;
}
