/**
 * What follows an opcode. `index` is one number, `indices` two; an opcode that no line names is refused.
 */
export type Immediate =
  | "none"
  | "block"
  | "end"
  | "index"
  | "indices"
  | "branch-table"
  | "try-table"
  | "types"
  | "memory-argument"
  | "memory-byte"
  | "i32"
  | "i64"
  | "four-bytes"
  | "eight-bytes"
  | "reference"
  | "throw-reference";

const ranges = (
  ...lines: readonly (readonly [first: number, last: number, immediate: Immediate])[]
): ReadonlyMap<number, Immediate> =>
  new Map(
    lines.flatMap(([first, last, immediate]) =>
      Array.from({ length: last - first + 1 }, (_, index) => [first + index, immediate] as const),
    ),
  );

/** Opcodes of one byte. */
export const oneByte = ranges(
  [0x00, 0x01, "none"],
  [0x02, 0x04, "block"],
  [0x05, 0x05, "none"],
  [0x08, 0x08, "index"],
  [0x0a, 0x0a, "throw-reference"],
  [0x0b, 0x0b, "end"],
  [0x0c, 0x0d, "index"],
  [0x0e, 0x0e, "branch-table"],
  [0x0f, 0x0f, "none"],
  [0x10, 0x10, "index"],
  [0x11, 0x11, "indices"],
  [0x12, 0x12, "index"],
  [0x13, 0x13, "indices"],
  [0x1a, 0x1b, "none"],
  [0x1c, 0x1c, "types"],
  [0x1f, 0x1f, "try-table"],
  [0x20, 0x26, "index"],
  [0x28, 0x3e, "memory-argument"],
  [0x3f, 0x40, "memory-byte"],
  [0x41, 0x41, "i32"],
  [0x42, 0x42, "i64"],
  [0x43, 0x43, "four-bytes"],
  [0x44, 0x44, "eight-bytes"],
  [0x45, 0xc4, "none"],
  [0xd0, 0xd0, "reference"],
  [0xd1, 0xd1, "none"],
  [0xd2, 0xd2, "index"],
);

/** Opcodes behind the prefix `0xfc`. */
export const bulk = ranges(
  [0, 7, "none"],
  [8, 8, "indices"],
  [9, 9, "index"],
  [10, 10, "indices"],
  [11, 11, "index"],
  [12, 12, "indices"],
  [13, 13, "index"],
  [14, 14, "indices"],
  [15, 17, "index"],
);

/** What follows a vector opcode of the default set, behind the prefix `0xfd`. */
export type VectorImmediate =
  | "none"
  | "memory-argument"
  | "memory-and-lane"
  | "lane"
  | "sixteen-bytes";

/** Numbers below 256 that the encoding of vector opcodes leaves free. */
const gaps = new Set([
  0x9a, 0xa2, 0xa5, 0xa6, 0xaf, 0xb0, 0xb2, 0xb3, 0xb4, 0xbb, 0xc2, 0xc5, 0xc6, 0xcf, 0xd0, 0xd2,
  0xd3, 0xd4, 0xe2, 0xee,
]);

/** Answers what follows a vector opcode; `undefined` when it is not of the default set. */
export function vectorImmediate(opcode: number): VectorImmediate | undefined {
  if (opcode > 0xff || gaps.has(opcode)) return undefined;
  if (opcode <= 0x0b || opcode === 0x5c || opcode === 0x5d) return "memory-argument";
  if (opcode === 0x0c || opcode === 0x0d) return "sixteen-bytes";
  if (opcode >= 0x15 && opcode <= 0x22) return "lane";
  if (opcode >= 0x54 && opcode <= 0x5b) return "memory-and-lane";
  return "none";
}

/** The features that opcodes outside the default set belong to, by opcode or prefix. */
export const refusedOpcodes: ReadonlyMap<number, string> = new Map([
  ...[0x06, 0x07, 0x09, 0x18, 0x19].map((opcode) => [opcode, "legacy_exceptions"] as const),
  ...[0x14, 0x15, 0xd3, 0xd4, 0xd5, 0xd6, 0xfb].map((opcode) => [opcode, "gc"] as const),
  ...[0xe0, 0xe1, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6].map(
    (opcode) => [opcode, "stack_switching"] as const,
  ),
  [0xfe, "threads"] as const,
]);
