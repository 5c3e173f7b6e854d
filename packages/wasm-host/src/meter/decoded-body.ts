import type { ByteReader } from "../guard/byte-reader.ts";
import { bulk, type Immediate, oneByte, vectorImmediate } from "../guard/opcodes.ts";
import { malformed, unsupported } from "../guard/refusal.ts";
import { costOf } from "./costs.ts";

const immediates: readonly (Immediate | undefined)[] = Array.from({ length: 256 }, (_, opcode) =>
  oneByte.get(opcode),
);

/** The instructions of one expression, one line of numbers each. Its room is kept from one expression to the next. */
export class DecodedBody {
  /** How many instructions. */
  length = 0;
  /** First byte of each instruction, and behind the last one the first byte after it. */
  starts = new Int32Array(1_024);
  /** Opcodes; of prefixed ones `prefix * 256 + number`. */
  opcodes = new Int32Array(1_024);
  /** The first index of each instruction; of a branch with several targets, the outermost. */
  operands = new Int32Array(1_024);
  /** Loops. */
  loops = 0;
  /** Calls that come back. */
  calls = 0;
  /** Handlers of exceptions. */
  handlers = 0;

  /** Reads one expression to its end. The guard was here before, so a broken format is a defect and refused as such. */
  read(reader: ByteReader): void {
    this.length = 0;
    this.loops = 0;
    this.calls = 0;
    this.handlers = 0;
    let depth = 1;
    while (depth > 0) {
      const at = reader.at;
      const opcode = readOpcode(reader);
      if (costOf(opcode) === undefined) {
        throw unsupported("unknown_opcode", `an unknown instruction at byte ${at}`);
      }
      switch (opcode) {
        case 0x03:
          this.loops += 1;
          depth += 1;
          break;
        case 0x1f:
          this.handlers += 1;
          depth += 1;
          break;
        case 0x02:
        case 0x04:
          depth += 1;
          break;
        case 0x0b:
          depth -= 1;
          break;
        case 0x10:
        case 0x11:
          this.calls += 1;
          break;
        default:
      }
      this.#add(at, opcode, readOperand(reader, opcode));
    }
    this.starts[this.length] = reader.at;
  }

  #add(at: number, opcode: number, operand: number): void {
    if (this.length + 1 >= this.starts.length) {
      this.starts = enlarged(this.starts);
      this.opcodes = enlarged(this.opcodes);
      this.operands = enlarged(this.operands);
    }
    this.starts[this.length] = at;
    this.opcodes[this.length] = opcode;
    this.operands[this.length] = operand;
    this.length += 1;
  }
}

function enlarged(numbers: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(numbers.length * 2);
  larger.set(numbers);
  return larger;
}

function readOpcode(reader: ByteReader): number {
  const opcode = reader.byte();
  if (opcode !== 0xfc && opcode !== 0xfd) return opcode;
  const at = reader.at;
  const number = reader.u32();
  if (number > 0xff) throw unsupported("unknown_opcode", `an unknown instruction at byte ${at}`);
  return opcode * 256 + number;
}

function readOperand(reader: ByteReader, opcode: number): number {
  if (opcode >> 8 === 0xfd) return readVectorOperand(reader, opcode & 0xff);
  const immediate = opcode > 0xff ? bulk.get(opcode & 0xff) : immediates[opcode];
  switch (immediate) {
    case "none":
    case "end":
    case "throw-reference":
      return 0;
    case "block":
      return skipBlockType(reader);
    case "index":
      return reader.u32();
    case "indices": {
      const first = reader.u32();
      reader.u32();
      return first;
    }
    case "branch-table": {
      let outermost = 0;
      for (let left = reader.u32() + 1; left > 0; left -= 1) {
        outermost = Math.max(outermost, reader.u32());
      }
      return outermost;
    }
    case "try-table":
      skipBlockType(reader);
      for (let left = reader.count(); left > 0; left -= 1) {
        if (reader.byte() < 2) reader.u32();
        reader.u32();
      }
      return 0;
    case "types":
      reader.skip(reader.count());
      return 0;
    case "memory-argument":
      reader.u32();
      reader.leb(64);
      return 0;
    case "memory-byte":
    case "reference":
      return reader.byte();
    case "i32":
      reader.leb(32);
      return 0;
    case "i64":
      reader.leb(64);
      return 0;
    case "four-bytes":
      reader.skip(4);
      return 0;
    case "eight-bytes":
      reader.skip(8);
      return 0;
    case undefined:
      throw malformed("an instruction without a form", reader.at);
    default:
      return immediate satisfies never;
  }
}

function readVectorOperand(reader: ByteReader, opcode: number): number {
  const immediate = vectorImmediate(opcode);
  switch (immediate) {
    case "none":
      return 0;
    case "lane":
      reader.skip(1);
      return 0;
    case "sixteen-bytes":
      reader.skip(16);
      return 0;
    case "memory-argument":
    case "memory-and-lane":
      reader.u32();
      reader.leb(64);
      if (immediate === "memory-and-lane") reader.skip(1);
      return 0;
    case undefined:
      throw malformed("an instruction without a form", reader.at);
    default:
      return immediate satisfies never;
  }
}

function skipBlockType(reader: ByteReader): number {
  reader.leb(33);
  return 0;
}
