/* oxlint-disable typescript/no-unsafe-type-assertion -- validation, which engines do first, proves the types of every operand */
import { Trap } from "./trap.ts";

type Binary = (a: never, b: never) => unknown;
type Unary = (a: never) => unknown;

const scratch = new DataView(new ArrayBuffer(8));
const i64 = (value: bigint): bigint => BigInt.asIntN(64, value);
const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const bool = (value: boolean): number => (value ? 1 : 0);

function clz64(value: bigint): bigint {
  const high = Number(u64(value) >> 32n);
  return BigInt(high === 0 ? 32 + Math.clz32(Number(u64(value) & 0xffff_ffffn)) : Math.clz32(high));
}

const ctz32 = (value: number): number => (value === 0 ? 32 : 31 - Math.clz32(value & -value));

function ctz64(value: bigint): bigint {
  const low = Number(u64(value) & 0xffff_ffffn) | 0;
  return BigInt(low === 0 ? 32 + ctz32(Number(u64(value) >> 32n) | 0) : ctz32(low));
}

function popcount(value: number): number {
  let count = 0;
  for (let left = value >>> 0; left !== 0; left = (left & (left - 1)) >>> 0) count += 1;
  return count;
}

/** Rounds to the nearest whole number, halves to the even one. */
function nearest(value: number): number {
  if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 52) return value;
  const floor = Math.floor(value);
  const rest = value - floor;
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
  return rounded === 0 && (value < 0 || Object.is(value, -0)) ? -0 : rounded;
}

function sign(value: number): boolean {
  scratch.setFloat64(0, value);
  return scratch.getUint8(0) > 127;
}

const copysign = (of: number, from: number): number => (sign(of) === sign(from) ? of : -of);

/** Rounds a 64-bit number to a float once; through a double it would be rounded twice. */
function toF32(value: bigint): number {
  const size = value < 0n ? -value : value;
  if (size < 2n ** 53n) return Math.fround(Number(value));
  const sticky = (size & 2047n) === 0n ? 0n : 1n;
  const rounded = Math.fround(Number((size >> 11n) | sticky) * 2048);
  return value < 0n ? -rounded : rounded;
}

const ranges = {
  i32s: [-(2 ** 31), 2 ** 31],
  i32u: [0, 2 ** 32],
  i64s: [-(2 ** 63), 2 ** 63],
  i64u: [0, 2 ** 64],
} as const;

function truncate(value: number, to: keyof typeof ranges): number | bigint {
  const whole = Math.trunc(value);
  const [least, beyond] = ranges[to];
  if (Number.isNaN(value) || whole < least || whole >= beyond) throw new Trap("integer_overflow");
  return to.startsWith("i64") ? i64(BigInt(whole)) : whole | 0;
}

function saturate(value: number, to: keyof typeof ranges): number | bigint {
  const [least, beyond] = ranges[to];
  const whole = Number.isNaN(value) ? 0 : Math.trunc(value);
  if (to.startsWith("i64")) {
    const clamped =
      whole < least ? BigInt(least) : whole >= beyond ? BigInt(beyond) - 1n : BigInt(whole);
    return i64(clamped);
  }
  return Math.max(least, Math.min(beyond - 1, whole)) | 0;
}

function divide(a: number, b: number): number {
  if (b === 0) throw new Trap("divide_by_zero");
  if (a === -2_147_483_648 && b === -1) throw new Trap("integer_overflow");
  return (a / b) | 0;
}

function nonzero<T extends number | bigint>(b: T): T {
  if (Number(b) === 0) throw new Trap("divide_by_zero");
  return b;
}

function divide64(a: bigint, b: bigint): bigint {
  nonzero(b);
  if (a === -(2n ** 63n) && b === -1n) throw new Trap("integer_overflow");
  return a / b;
}

const f = Math.fround;
const i32Binary: Record<number, (a: number, b: number) => number> = {
  0x46: (a, b) => bool(a === b),
  0x47: (a, b) => bool(a !== b),
  0x48: (a, b) => bool(a < b),
  0x49: (a, b) => bool(a >>> 0 < b >>> 0),
  0x4a: (a, b) => bool(a > b),
  0x4b: (a, b) => bool(a >>> 0 > b >>> 0),
  0x4c: (a, b) => bool(a <= b),
  0x4d: (a, b) => bool(a >>> 0 <= b >>> 0),
  0x4e: (a, b) => bool(a >= b),
  0x4f: (a, b) => bool(a >>> 0 >= b >>> 0),
  0x6a: (a, b) => (a + b) | 0,
  0x6b: (a, b) => (a - b) | 0,
  0x6c: Math.imul,
  0x6d: divide,
  0x6e: (a, b) => ((a >>> 0) / (nonzero(b) >>> 0)) | 0,
  0x6f: (a, b) => (a % nonzero(b)) | 0,
  0x70: (a, b) => ((a >>> 0) % (nonzero(b) >>> 0)) | 0,
  0x71: (a, b) => a & b,
  0x72: (a, b) => a | b,
  0x73: (a, b) => a ^ b,
  0x74: (a, b) => a << b,
  0x75: (a, b) => a >> b,
  0x76: (a, b) => (a >>> b) | 0,
  0x77: (a, b) => (a << b) | ((a >>> 1) >>> (31 - (b & 31))),
  0x78: (a, b) => (a >>> b) | ((a << 1) << (31 - (b & 31))),
};

const i64Binary: Record<number, (a: bigint, b: bigint) => bigint | number> = {
  0x51: (a, b) => bool(a === b),
  0x52: (a, b) => bool(a !== b),
  0x53: (a, b) => bool(a < b),
  0x54: (a, b) => bool(u64(a) < u64(b)),
  0x55: (a, b) => bool(a > b),
  0x56: (a, b) => bool(u64(a) > u64(b)),
  0x57: (a, b) => bool(a <= b),
  0x58: (a, b) => bool(u64(a) <= u64(b)),
  0x59: (a, b) => bool(a >= b),
  0x5a: (a, b) => bool(u64(a) >= u64(b)),
  0x7c: (a, b) => i64(a + b),
  0x7d: (a, b) => i64(a - b),
  0x7e: (a, b) => i64(a * b),
  0x7f: divide64,
  0x80: (a, b) => i64(u64(a) / u64(nonzero(b))),
  0x81: (a, b) => i64(a % nonzero(b)),
  0x82: (a, b) => i64(u64(a) % u64(nonzero(b))),
  0x83: (a, b) => a & b,
  0x84: (a, b) => a | b,
  0x85: (a, b) => a ^ b,
  0x86: (a, b) => i64(a << (b & 63n)),
  0x87: (a, b) => a >> (b & 63n),
  0x88: (a, b) => i64(u64(a) >> (b & 63n)),
  0x89: (a, b) => i64((u64(a) << (b & 63n)) | (u64(a) >> (64n - (b & 63n)))),
  0x8a: (a, b) => i64((u64(a) >> (b & 63n)) | (u64(a) << (64n - (b & 63n)))),
};

const comparison: Record<number, (a: number, b: number) => number> = {
  0: (a, b) => bool(a === b),
  1: (a, b) => bool(a !== b),
  2: (a, b) => bool(a < b),
  3: (a, b) => bool(a > b),
  4: (a, b) => bool(a <= b),
  5: (a, b) => bool(a >= b),
};

const floatBinary: Record<number, (a: number, b: number) => number> = {
  0: (a, b) => a + b,
  1: (a, b) => a - b,
  2: (a, b) => a * b,
  3: (a, b) => a / b,
  4: Math.min,
  5: Math.max,
  6: copysign,
};

const floatUnary: Record<number, (a: number) => number> = {
  0: (a) => copysign(a, 1),
  1: (a) => -a,
  2: Math.ceil,
  3: Math.floor,
  4: Math.trunc,
  5: nearest,
  6: Math.sqrt,
};

const unaryTable: Record<number, Unary> = {
  0x45: (a: number) => bool(a === 0),
  0x50: (a: bigint) => bool(a === 0n),
  0x67: (a: number) => Math.clz32(a),
  0x68: ctz32,
  0x69: popcount,
  0x79: clz64,
  0x7a: ctz64,
  0x7b: (a: bigint) =>
    BigInt(popcount(Number(u64(a) & 0xffff_ffffn)) + popcount(Number(u64(a) >> 32n))),
  0xa7: (a: bigint) => Number(BigInt.asIntN(32, a)),
  0xac: (a: number) => BigInt(a),
  0xad: (a: number) => BigInt(a >>> 0),
  0xb2: (a: number) => f(a),
  0xb3: (a: number) => f(a >>> 0),
  0xb4: toF32,
  0xb5: (a: bigint) => toF32(u64(a)),
  0xb6: (a: number) => f(a),
  0xb7: (a: number) => a,
  0xb8: (a: number) => a >>> 0,
  0xb9: (a: bigint) => Number(a),
  0xba: (a: bigint) => Number(u64(a)),
  0xbb: (a: number) => a,
  0xbc: (a: number) => (scratch.setFloat32(0, a), scratch.getInt32(0)),
  0xbd: (a: number) => (scratch.setFloat64(0, a), scratch.getBigInt64(0)),
  0xbe: (a: number) => (scratch.setInt32(0, a), scratch.getFloat32(0)),
  0xbf: (a: bigint) => (scratch.setBigInt64(0, a), scratch.getFloat64(0)),
  0xc0: (a: number) => (a << 24) >> 24,
  0xc1: (a: number) => (a << 16) >> 16,
  0xc2: (a: bigint) => BigInt.asIntN(8, a),
  0xc3: (a: bigint) => BigInt.asIntN(16, a),
  0xc4: (a: bigint) => BigInt.asIntN(32, a),
};
const targets = ["i32s", "i32u", "i32s", "i32u"] as const;
const targets64 = ["i64s", "i64u", "i64s", "i64u"] as const;
targets.forEach((to, index) => {
  const wide = targets64[index] ?? "i64s";
  unaryTable[0xa8 + index] = (a: number) => truncate(a, to);
  unaryTable[0xae + index] = (a: number) => truncate(a, wide);
  unaryTable[0xfc00 + index] = (a: number) => saturate(a, to);
  unaryTable[0xfc04 + index] = (a: number) => saturate(a, wide);
});
for (const [index, work] of Object.entries(floatUnary)) {
  unaryTable[0x8b + Number(index)] = (a: number) => f(work(a));
  unaryTable[0x99 + Number(index)] = work;
}

const binaryTable: Record<number, Binary> = { ...i32Binary, ...i64Binary };
for (const [index, work] of Object.entries(comparison)) {
  binaryTable[0x5b + Number(index)] = work;
  binaryTable[0x61 + Number(index)] = work;
}
for (const [index, work] of Object.entries(floatBinary)) {
  binaryTable[0x92 + Number(index)] = (a: number, b: number) => f(work(a, b));
  binaryTable[0xa0 + Number(index)] = work;
}

const toArray = <T>(table: Record<number, T>): readonly (T | undefined)[] => {
  const list: (T | undefined)[] = Array.from({ length: 256 });
  for (const [op, work] of Object.entries(table)) list[Number(op) & 0xff] = work;
  return list;
};
/** Instructions with one operand; saturating conversions under `0xfc00` and their number. */
export const unary: readonly (Unary | undefined)[] = toArray(
  Object.fromEntries(Object.entries(unaryTable).filter(([op]) => Number(op) < 256)),
);
/** Saturating conversions, by number. */
export const saturating: readonly (Unary | undefined)[] = toArray(
  Object.fromEntries(Object.entries(unaryTable).filter(([op]) => Number(op) >= 256)),
);
/** Instructions with two operands. */
export const binary: readonly (Binary | undefined)[] = toArray(binaryTable);
