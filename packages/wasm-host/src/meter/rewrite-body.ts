import type { ByteReader } from "../guard/byte-reader.ts";
import type { CoreModule } from "../guard/core-module.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { costOf, lengthShift, LOCALS_PER_UNIT, PAGE_SHIFT } from "./costs.ts";
import { DecodedBody } from "./decoded-body.ts";

/** The global indices of the counters. */
export interface CounterIndices {
  /** Fuel; absent where nothing counts it. */
  readonly fuel: number | undefined;
  /** Pages that memories may still grow by. */
  readonly pages: number;
  /** Elements that tables may still grow by. */
  readonly elements: number;
  /** Set when growth was refused. */
  readonly refused: number;
  /** How far the module's own globals move. */
  readonly count: number;
}

/** What the rewriting of a body has to know of its module. */
export interface BodyContext {
  /** The file. */
  readonly bytes: Uint8Array;
  /** Where counters lie. */
  readonly counters: CounterIndices;
  /** The byte of each table's reference type. */
  readonly tableTypes: readonly number[];
}

/** Calls for each loop up to which the counter stays in a local between calls. */
const CALLS_PER_LOOP = 8;

/** Locals that rewriting adds, in this order, as far as a body needs them: the counter, a length, a result, references. */
const added = [0x7e, 0x7f, 0x7f, 0x70, 0x6f, 0x69] as const;
const COUNTER = 0;
const LENGTH = 1;
const RESULT = 2;
const REFERENCES = 3;

/** Opcodes that close the run they stand in: whatever follows may be reached without them, or not at all. */
const cuts = new Uint8Array(0x1_0000);
for (const opcode of [
  0x00, 0x03, 0x04, 0x05, 0x08, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x12, 0x13, 0x1f,
]) {
  cuts[opcode] = 1;
}

const decoded = new DecodedBody();

/** Writes a body with charges at the start of every run, growth within the counters, and its globals moved. */
export function rewriteBody(
  body: ByteReader,
  { parameters, results }: CoreModule["functions"][number],
  context: BodyContext,
  { body: out, code }: { readonly body: ByteWriter; readonly code: ByteWriter },
): void {
  const groupsAt = body.at;
  const groups = body.count();
  const groupsFrom = body.at;
  let locals = 0;
  for (let left = groups; left > 0; left -= 1) {
    locals += body.u32();
    body.byte();
  }
  const groupsEnd = body.at;
  decoded.read(body);
  body.finish();
  code.clear();
  const slots = new BodyRewriter(context, parameters + locals, code).write(locals, results);
  if (slots === 0) out.copy(context.bytes, groupsAt, groupsEnd);
  else {
    out.unsigned(groups + slots);
    out.copy(context.bytes, groupsFrom, groupsEnd);
    for (const type of added.slice(0, slots)) out.push(1, type);
  }
  out.copy(code.written);
}

/** Writes one constant expression with its globals moved. */
export function rewriteExpression(reader: ByteReader, context: BodyContext, out: ByteWriter): void {
  decoded.read(reader);
  new BodyRewriter(context, 0, out).copyExpression();
}

class BodyRewriter {
  readonly #context: BodyContext;
  readonly #out: ByteWriter;
  /** Index of the first local that is added. */
  readonly #first: number;
  readonly #fuel: number | undefined;
  readonly #cached: boolean;
  #slots = 0;
  /** Blocks that are open where the next charge stands. */
  #depth = 0;
  /** The label of the shared stop at depth zero; absent where each charge has a stop of its own. */
  #stop: number | undefined;
  /** First byte of the original that was not written yet. */
  #from: number;

  constructor(context: BodyContext, first: number, out: ByteWriter) {
    this.#context = context;
    this.#first = first;
    this.#out = out;
    this.#fuel = context.counters.fuel;
    const { loops, calls, handlers } = decoded;
    this.#cached =
      this.#fuel !== undefined && loops > 0 && calls <= CALLS_PER_LOOP * loops && handlers === 0;
    this.#from = decoded.starts[0] ?? 0;
  }

  /** Writes the body and answers how many of the added locals it uses. */
  write(locals: number, results: Uint8Array): number {
    if (this.#cached) this.#load();
    const wrapped = this.#fuel !== undefined && results.length < 2;
    // The inner block takes the place of the function's own label, the outer one is where every stop branches to.
    if (wrapped) this.#out.push(0x02, 0x40, 0x02, results[0] ?? 0x40);
    this.#stop = wrapped ? 1 : undefined;
    let depth = 0;
    let extra = Math.ceil(locals / LOCALS_PER_UNIT);
    for (let at = 0; at < decoded.length;) {
      const behindLoop = at > 0 && decoded.opcodes[at - 1] === 0x03;
      const end = endOfRun(at);
      const cost = extra + costOfRun(at, end);
      extra = 0;
      this.#depth = depth;
      this.#charge(at, behindLoop ? Math.max(1, cost) : cost);
      for (; at < end; at += 1) {
        this.#depth = depth;
        depth = this.#instruction(at, depth);
      }
    }
    this.#flush(decoded.length);
    if (wrapped) {
      this.#writeBack();
      this.#out.push(0x0f, 0x0b); // return, end
      this.#writeBack();
      this.#out.push(0x00, 0x0b); // unreachable, end
    }
    return this.#slots;
  }

  copyExpression(): void {
    for (let at = 0; at < decoded.length; at += 1) {
      if (decoded.opcodes[at] === 0x23) this.#global(at);
    }
    this.#flush(decoded.length);
  }

  /** Writes one instruction and answers the depth behind it. */
  #instruction(at: number, depth: number): number {
    const opcode = decoded.opcodes[at] ?? 0;
    switch (opcode) {
      case 0x02:
      case 0x03:
      case 0x04:
      case 0x1f:
        return depth + 1;
      case 0x0b:
        if (depth === 0 && this.#stop === undefined) this.#leave(at);
        return depth - 1;
      case 0x0c:
      case 0x0d:
      case 0x0e:
        if ((decoded.operands[at] ?? 0) >= depth && this.#stop === undefined) this.#leave(at);
        return depth;
      case 0x08:
      case 0x0a:
      case 0x0f:
      case 0x12:
      case 0x13:
        this.#leave(at);
        return depth;
      case 0x10:
      case 0x11:
        this.#call(at);
        return depth;
      case 0x23:
      case 0x24:
        this.#global(at);
        return depth;
      case 0x40:
        this.#growMemory(at);
        return depth;
      case 0xfc0f:
        this.#growTable(at);
        return depth;
      default:
        if (opcode > 0xff) this.#bulk(at, opcode);
        return depth;
    }
  }

  #flush(at: number): void {
    const start = decoded.starts[at] ?? 0;
    this.#out.copy(this.#context.bytes, this.#from, start);
    this.#from = start;
  }

  /** Writes what stands before an instruction and leaves the instruction itself out. */
  #replace(at: number): void {
    this.#flush(at);
    this.#from = decoded.starts[at + 1] ?? 0;
  }

  #global(at: number): void {
    this.#replace(at);
    this.#out.push(decoded.opcodes[at] ?? 0);
    this.#out.unsigned((decoded.operands[at] ?? 0) + this.#context.counters.count);
  }

  #call(at: number): void {
    if (!this.#cached) return;
    this.#leave(at);
    this.#flush(at + 1);
    this.#load();
  }

  /** Writes the cached counter back: what runs next reads the global. */
  #leave(at: number): void {
    if (!this.#cached) return;
    this.#flush(at);
    this.#writeBack();
  }

  #writeBack(): void {
    if (!this.#cached) return;
    this.#local(0x20, COUNTER);
    this.#counter(0x24, this.#fuel);
  }

  #load(): void {
    this.#counter(0x23, this.#fuel);
    this.#local(0x21, COUNTER);
  }

  #charge(at: number, cost: number): void {
    if (this.#fuel === undefined || cost === 0) return;
    this.#flush(at);
    this.#counted();
    this.#out.push(0x42);
    this.#out.signed(cost);
    this.#subtract();
  }

  /** Charges a length that lies on the stack and stays there. */
  #chargeLength(shiftOpcode: number, shift: number): void {
    if (this.#fuel === undefined) return;
    this.#local(0x22, LENGTH);
    this.#counted();
    this.#local(0x20, LENGTH);
    this.#out.push(0xad); // i64.extend_i32_u: a length is never negative, so no charge adds fuel
    if (shift > 0) this.#out.push(0x42, shift, shiftOpcode);
    this.#subtract();
  }

  #counted(): void {
    if (this.#cached) this.#local(0x20, COUNTER);
    else this.#counter(0x23, this.#fuel);
  }

  /** Subtracts, keeps the difference and stops where it is negative. */
  #subtract(): void {
    this.#out.push(0x7d); // i64.sub
    this.#local(0x22, COUNTER);
    if (!this.#cached) {
      this.#counter(0x24, this.#fuel);
      this.#local(0x20, COUNTER);
    }
    this.#out.push(0x42, 0, 0x53); // i64.const 0, i64.lt_s
    if (this.#stop !== undefined) {
      this.#out.push(0x0d); // br_if
      this.#out.unsigned(this.#stop + this.#depth);
      return;
    }
    this.#out.push(0x04, 0x40); // if
    this.#writeBack();
    this.#out.push(0x00, 0x0b); // unreachable, end
  }

  #bulk(at: number, opcode: number): void {
    const shift = lengthShift.get(opcode);
    if (shift === undefined || this.#fuel === undefined) return;
    this.#flush(at);
    this.#chargeLength(0x88, shift); // i64.shr_u
  }

  #growMemory(at: number): void {
    this.#replace(at);
    this.#chargeLength(0x86, PAGE_SHIFT); // i64.shl
    this.#local(0x21, LENGTH);
    this.#grow(this.#context.counters.pages, () => {
      this.#local(0x20, LENGTH);
      this.#copy(at);
    });
  }

  #growTable(at: number): void {
    const type = this.#context.tableTypes[decoded.operands[at] ?? 0] ?? 0;
    const reference =
      REFERENCES +
      Math.max(
        0,
        added.slice(REFERENCES).findIndex((each) => each === type),
      );
    this.#replace(at);
    this.#chargeLength(0x86, 0);
    this.#local(0x21, LENGTH);
    this.#local(0x21, reference);
    this.#grow(this.#context.counters.elements, () => {
      this.#local(0x20, reference);
      this.#local(0x20, LENGTH);
      this.#copy(at);
    });
  }

  /** Grows by the kept length where the counter holds it, and answers -1 where it does not. */
  #grow(counter: number, grow: () => void): void {
    this.#length();
    this.#counter(0x23, counter);
    this.#out.push(0x55, 0x04, 0x7f, 0x41, 1); // i64.gt_s, if i32, i32.const 1
    this.#counter(0x24, this.#context.counters.refused);
    this.#out.push(0x41, 0x7f, 0x05); // i32.const -1, else
    grow();
    this.#local(0x22, RESULT);
    this.#out.push(0x41, 0x7f, 0x47, 0x04, 0x40); // i32.const -1, i32.ne, if
    this.#counter(0x23, counter);
    this.#length();
    this.#out.push(0x7d); // i64.sub
    this.#counter(0x24, counter);
    this.#out.push(0x0b); // end
    this.#local(0x20, RESULT);
    this.#out.push(0x0b); // end
  }

  #length(): void {
    this.#local(0x20, LENGTH);
    this.#out.push(0xad); // i64.extend_i32_u
  }

  #copy(at: number): void {
    this.#out.copy(this.#context.bytes, decoded.starts[at], decoded.starts[at + 1]);
  }

  #local(opcode: 0x20 | 0x21 | 0x22, slot: number): void {
    this.#slots = Math.max(this.#slots, slot + 1);
    this.#out.push(opcode);
    this.#out.unsigned(this.#first + slot);
  }

  #counter(opcode: 0x23 | 0x24, index: number | undefined): void {
    if (index === undefined) return;
    this.#out.push(opcode);
    this.#out.unsigned(index);
  }
}

/** The first instruction behind the run that begins at `at`. */
function endOfRun(at: number): number {
  for (let next = at; next < decoded.length; next += 1) {
    if (cuts[decoded.opcodes[next] ?? 0] === 1) return next + 1;
  }
  return decoded.length;
}

function costOfRun(at: number, end: number): number {
  let cost = 0;
  for (let next = at; next < end; next += 1) cost += costOf(decoded.opcodes[next] ?? 0) ?? 0;
  return cost;
}
