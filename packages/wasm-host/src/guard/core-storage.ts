import type { ByteReader } from "./byte-reader.ts";
import { type BodyRules, readExpression } from "./core-bodies.ts";
import { malformed, unsupported } from "./refusal.ts";
import { readReferenceType } from "./value-types.ts";

/** A memory that a module defines: its bounds in pages of 64 KiB. */
export interface MemoryShape {
  /** Pages it begins with. */
  readonly minimum: number;
  /** Pages it may grow to, where the module says so. */
  readonly maximum: number | undefined;
}

/** A table that a module defines: its bounds in elements, and the bytes around them. */
export interface TableShape extends MemoryShape {
  /** The byte of its reference type. */
  readonly type: number;
  /** First byte of the whole entry. */
  readonly start: number;
  /** First byte of its limits. */
  readonly limitsAt: number;
  /** First byte behind its limits. */
  readonly limitsEnd: number;
  /** First byte behind the whole entry. */
  readonly end: number;
}

/** Reads limits: of a memory, or of a table where told so. */
export function readMemory(part: ByteReader, of: "memory" | "table" = "memory"): MemoryShape {
  const at = part.at;
  const flags = part.byte();
  if ((flags & 0x04) !== 0) throw unsupported("memory64", `a 64-bit ${of}`);
  if ((flags & 0x02) !== 0) throw unsupported("threads", `a shared ${of}`);
  if ((flags & 0x08) !== 0) throw unsupported("custom_page_sizes", "pages of another size");
  if (flags > 1) throw unsupported("unknown_flag", `unknown flags of a ${of} at byte ${at}`);
  const minimum = part.u32();
  const maximum = flags === 1 ? part.u32() : undefined;
  if (maximum !== undefined && maximum < minimum)
    throw malformed("a maximum below its minimum", at);
  if (of === "memory" && Math.max(minimum, maximum ?? 0) > 65_536) {
    throw malformed("a memory beyond 4 GiB", at);
  }
  return { minimum, maximum };
}

/** Reads a table, with its first value where it has one. */
export function readTable(part: ByteReader, rules: BodyRules): TableShape {
  const start = part.at;
  const initialised = part.peek() === 0x40;
  if (initialised) {
    part.byte();
    if (part.byte() !== 0) throw malformed("an unknown form of table", part.at);
  }
  const type = readReferenceType(part);
  const limitsAt = part.at;
  const bounds = readMemory(part, "table");
  const limitsEnd = part.at;
  if (initialised) readExpression(part, rules);
  return { ...bounds, type, start, limitsAt, limitsEnd, end: part.at };
}
