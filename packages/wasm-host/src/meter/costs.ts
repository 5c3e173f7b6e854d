/** Names the table of costs below. A changed cost is another version, and what was compiled under this one is compiled anew. */
export const METER_VERSION = 1;

/** A cost that no line gave: the opcode is unknown. */
const UNKNOWN = 255;

type Line = readonly [first: number, last: number, cost: number];

function table(...lines: readonly Line[]): Uint8Array {
  const costs = new Uint8Array(256).fill(UNKNOWN);
  for (const [first, last, cost] of lines) costs.fill(cost, first, last + 1);
  return costs;
}

/** Opcodes of one byte. Later lines stand above earlier ones. */
const oneByte = table(
  [0x00, 0x00, 1], // unreachable
  [0x01, 0x03, 0], // nop block loop
  [0x04, 0x04, 1], // if
  [0x05, 0x05, 0], // else
  [0x08, 0x08, 4], // throw
  [0x0a, 0x0a, 4], // throw_ref
  [0x0b, 0x0b, 0], // end
  [0x0c, 0x0f, 1], // br br_if br_table return
  [0x10, 0x13, 4], // calls and tail calls
  [0x1a, 0x1a, 0], // drop
  [0x1b, 0x1c, 1], // select
  [0x1f, 0x1f, 1], // try_table
  [0x20, 0x26, 1], // locals, globals, table.get table.set
  [0x28, 0x3f, 1], // loads, stores, memory.size
  [0x40, 0x40, 16], // memory.grow
  [0x41, 0xc4, 1], // constants, comparisons, arithmetic, conversions
  [0x6d, 0x70, 4], // i32 division and remainder
  [0x7f, 0x82, 4], // i64 division and remainder
  [0x91, 0x91, 4], // f32.sqrt
  [0x95, 0x95, 4], // f32.div
  [0x9f, 0x9f, 4], // f64.sqrt
  [0xa3, 0xa3, 4], // f64.div
  [0xd0, 0xd2, 1], // references
);

/** Opcodes behind the prefix `0xfc`. */
const bulk = table(
  [0, 7, 1], // saturating conversions
  [8, 8, 8], // memory.init
  [9, 9, 1], // data.drop
  [10, 12, 8], // memory.copy memory.fill table.init
  [13, 13, 1], // elem.drop
  [14, 15, 8], // table.copy table.grow
  [16, 16, 1], // table.size
  [17, 17, 8], // table.fill
);

/** Opcodes behind the prefix `0xfd`; the gaps of the encoding stay unknown. */
const vector = table(
  [0x00, 0x99, 1],
  [0x9b, 0xa1, 1],
  [0xa3, 0xa4, 1],
  [0xa7, 0xae, 1],
  [0xb1, 0xb1, 1],
  [0xb5, 0xba, 1],
  [0xbc, 0xc1, 1],
  [0xc3, 0xc4, 1],
  [0xc7, 0xce, 1],
  [0xd1, 0xd1, 1],
  [0xd5, 0xe1, 1],
  [0xe3, 0xe3, 4], // f32x4.sqrt
  [0xe4, 0xe6, 1],
  [0xe7, 0xe7, 4], // f32x4.div
  [0xe8, 0xed, 1],
  [0xef, 0xef, 4], // f64x2.sqrt
  [0xf0, 0xf2, 1],
  [0xf3, 0xf3, 4], // f64x2.div
  [0xf4, 0xff, 1],
);

/** Answers the fixed cost of an opcode, prefixed ones as `prefix * 256 + number`; `undefined` where the table names none. */
export function costOf(opcode: number): number | undefined {
  const prefix = opcode >> 8;
  const costs = prefix === 0xfd ? vector : prefix === 0xfc ? bulk : oneByte;
  const cost = costs[opcode & 0xff];
  return cost === UNKNOWN ? undefined : cost;
}

/** The lower bits of a length that its charge leaves out, by opcode: 4 charges one unit for each 16 bytes. */
export const lengthShift: ReadonlyMap<number, number> = new Map([
  [0xfc08, 4], // memory.init
  [0xfc0a, 4], // memory.copy
  [0xfc0b, 4], // memory.fill
  [0xfc0c, 2], // table.init
  [0xfc0e, 2], // table.copy
  [0xfc11, 2], // table.fill
]);

/** Units for each page that a memory grows by, as a power of two: 1,024. An element of a table costs one. */
export const PAGE_SHIFT = 10;

/** Locals that one unit zeroes. */
export const LOCALS_PER_UNIT = 8;

/** Bytes of active data that one unit copies. */
const DATA_PER_UNIT = 16;

/** Elements of active segments that one unit copies. */
const ELEMENTS_PER_UNIT = 4;

/** What active segments cost, which are copied before the first instruction runs. */
export const segmentCost = (bytes: number, elements: number): number =>
  Math.floor(bytes / DATA_PER_UNIT) + Math.floor(elements / ELEMENTS_PER_UNIT);

/** What a call of the host costs beside its bytes. */
const HOST_CALL = 1_000;

/** What a call of the host costs with so many bytes in both directions. */
export const hostCallCost = (bytes: number): number => HOST_CALL + Math.floor(bytes / 16);
