import type { WasmLimits } from "../limits.ts";
import type { ByteReader } from "./byte-reader.ts";
import { bulk, type Immediate, oneByte, refusedOpcodes, vectorImmediate } from "./opcodes.ts";
import { beyond, malformed, unsupported } from "./refusal.ts";
import { isValueType, readReferenceType, readValueType } from "./value-types.ts";

/** What the walk over instructions has to know of the engine and the host. */
export interface InstructionRules {
  /** The limits of bodies. */
  readonly limits: Pick<WasmLimits, "nesting" | "br_table_targets">;
  /** Whether the engine has the final exception handling. */
  readonly exceptionHandling: boolean;
}

/** Walks one expression to its end. Every opcode must be known; what is not known is refused. */
export function walkExpression(reader: ByteReader, rules: InstructionRules): void {
  let depth = 1;
  while (depth > 0) {
    const immediate = readOpcode(reader);
    if (immediate === "block" || immediate === "try-table") {
      depth += 1;
      if (depth - 1 > rules.limits.nesting) {
        throw beyond("nesting", depth - 1, rules.limits.nesting);
      }
    }
    if (immediate === "end") depth -= 1;
    else if (immediate !== "none") readImmediate(reader, immediate, rules);
  }
}

function readOpcode(reader: ByteReader): Immediate {
  const at = reader.at;
  const opcode = reader.byte();
  const plain = oneByte.get(opcode);
  if (plain !== undefined) return plain;
  if (opcode === 0xfc) return readBulk(reader);
  if (opcode === 0xfd) return readVector(reader);
  const feature = refusedOpcodes.get(opcode);
  if (feature !== undefined) throw unsupported(feature, `an instruction of ${feature}`);
  throw unsupported("unknown_opcode", `an unknown instruction at byte ${at}`);
}

function readBulk(reader: ByteReader): Immediate {
  const at = reader.at;
  const opcode = reader.u32();
  const known = bulk.get(opcode);
  if (known !== undefined) return known;
  if (opcode >= 19 && opcode <= 22) {
    throw unsupported("wide_arithmetic", "an instruction of wide_arithmetic");
  }
  throw unsupported("unknown_opcode", `an unknown instruction at byte ${at}`);
}

function readVector(reader: ByteReader): Immediate {
  const opcode = reader.u32();
  const known = vectorImmediate(opcode);
  switch (known) {
    case undefined:
      if (opcode < 0x100 || opcode > 0x113)
        throw unsupported("unknown_opcode", "an unknown vector instruction");
      throw unsupported("relaxed_simd", "an instruction of relaxed_simd");
    case "none":
      return "none";
    case "lane":
      reader.skip(1);
      return "none";
    case "sixteen-bytes":
      reader.skip(16);
      return "none";
    case "memory-argument":
      return "memory-argument";
    case "memory-and-lane":
      readMemoryArgument(reader);
      reader.skip(1);
      return "none";
    default:
      return known satisfies never;
  }
}

function readImmediate(
  reader: ByteReader,
  immediate: Exclude<Immediate, "none" | "end">,
  rules: InstructionRules,
): void {
  switch (immediate) {
    case "block":
      return readBlockType(reader);
    case "index":
      return void reader.u32();
    case "indices":
      reader.u32();
      return void reader.u32();
    case "branch-table":
      return readBranchTable(reader, rules);
    case "try-table":
      return readTryTable(reader, rules);
    case "types":
      for (let left = reader.count(); left > 0; left -= 1) readValueType(reader);
      return;
    case "memory-argument":
      return readMemoryArgument(reader);
    case "memory-byte":
      if (reader.byte() !== 0) throw unsupported("multi_memory", "it names a second memory");
      return;
    case "i32":
      return reader.leb(32);
    case "i64":
      return reader.leb(64);
    case "four-bytes":
      return reader.skip(4);
    case "eight-bytes":
      return reader.skip(8);
    case "reference":
      return void readReferenceType(reader);
    case "throw-reference":
      return expectHandlers(rules);
    default:
      return immediate satisfies never;
  }
}

function readBlockType(reader: ByteReader): void {
  const byte = reader.peek();
  if (byte === 0x40 || (byte !== undefined && isValueType(byte))) return void reader.byte();
  // A negative number that is no value type is a reference of another proposal.
  if (byte !== undefined && byte >= 0x40 && byte < 0x80) return void readValueType(reader);
  reader.leb(33);
}

function readBranchTable(reader: ByteReader, { limits }: InstructionRules): void {
  const at = reader.at;
  const targets = reader.u32();
  if (targets > limits.br_table_targets) {
    throw beyond("br_table_targets", targets, limits.br_table_targets);
  }
  if (targets > reader.end - reader.at) throw malformed("a count beyond the bytes", at);
  for (let left = targets + 1; left > 0; left -= 1) reader.u32();
}

function expectHandlers({ exceptionHandling }: InstructionRules): void {
  if (exceptionHandling) return;
  throw unsupported("exception_handling", "an exception handler, which this Node does not have");
}

function readTryTable(reader: ByteReader, rules: InstructionRules): void {
  expectHandlers(rules);
  readBlockType(reader);
  for (let left = reader.count(); left > 0; left -= 1) {
    const at = reader.at;
    const kind = reader.byte();
    if (kind > 3) throw malformed("an unknown handler", at);
    if (kind < 2) reader.u32();
    reader.u32();
  }
}

function readMemoryArgument(reader: ByteReader): void {
  if (reader.u32() >= 0x40) throw unsupported("multi_memory", "it names a second memory");
  reader.leb(64);
}
