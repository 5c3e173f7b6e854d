import { Cursor } from "./cursor.ts";
import { costOf } from "./fuel.ts";
import type { FunctionType } from "./decode.ts";

/** A handler of a `try_table`. */
export interface Handler {
  readonly kind: number;
  readonly tag: number;
  readonly label: number;
}

/** One instruction. `a` and `b` are its numbers, `value` its constant. */
export interface Instruction {
  readonly op: number;
  readonly a?: number;
  readonly b?: number;
  readonly value?: unknown;
  readonly labels?: readonly number[];
  readonly handlers?: readonly Handler[];
  /** Of a block: how many values it takes and leaves. */
  readonly takes?: number;
  readonly leaves?: number;
  /** Index of the matching `end`; of an `if` also of its `else`. */
  end?: number;
  otherwise?: number;
  /** Cost of the run that begins with this instruction; absent inside of a run. */
  run?: number;
}

const openers = new Set([0x02, 0x03, 0x04, 0x1f]);
/** Rule 2 of the design: what ends a run. */
const enders = new Set([
  0x03, 0x04, 0x05, 0x0b, 0x1f, 0x0c, 0x0d, 0x0e, 0x0f, 0x00, 0x08, 0x0a, 0x12, 0x13,
]);

/** Reads the code of a function and marks where its runs begin. */
export function readBody(at: Cursor, types: readonly FunctionType[]): readonly Instruction[] {
  const code = readCode(at, types);
  let begin = 0;
  let cost = 0;
  code.forEach((instruction, index) => {
    cost += costOf(instruction.op);
    if (!enders.has(instruction.op)) return;
    const first = code[begin];
    const loops = code[begin - 1]?.op === 0x03;
    if (first !== undefined) first.run = loops ? Math.max(cost, 1) : cost;
    begin = index + 1;
    cost = 0;
  });
  return code;
}

/** Reads a constant expression, without its `end`. */
export const readConstant = (at: Cursor): readonly Instruction[] => readCode(at, []).slice(0, -1);

function readCode(at: Cursor, types: readonly FunctionType[]): Instruction[] {
  const code: Instruction[] = [];
  const open: Instruction[] = [];
  for (;;) {
    const instruction = readInstruction(at, types);
    const index = code.push(instruction) - 1;
    if (openers.has(instruction.op)) open.push(instruction);
    else if (instruction.op === 0x05) {
      const opener = open.at(-1);
      if (opener !== undefined) opener.otherwise = index;
    } else if (instruction.op === 0x0b) {
      const opener = open.pop();
      if (opener === undefined) return code;
      opener.end = index;
      const middle = opener.otherwise === undefined ? undefined : code[opener.otherwise];
      if (middle !== undefined) middle.end = index;
    }
  }
}

function readInstruction(at: Cursor, types: readonly FunctionType[]): Instruction {
  const op = at.u8();
  if (op === 0xfc) return readPrefixed(at);
  if (op === 0xfd) return readVector(at);
  if (op >= 0x28 && op <= 0x3e) {
    at.unsigned();
    return { op, a: at.unsigned() };
  }
  switch (op) {
    case 0x02:
    case 0x03:
    case 0x04:
      return { op, ...readBlockType(at, types) };
    case 0x1f: {
      const block = readBlockType(at, types);
      const handlers = at.list((): Handler => {
        const kind = at.u8();
        return { kind, tag: kind < 2 ? at.unsigned() : 0, label: at.unsigned() };
      });
      return { op, ...block, handlers };
    }
    case 0x0e:
      return { op, labels: at.list(() => at.unsigned()), a: at.unsigned() };
    case 0x11:
    case 0x13:
      return { op, a: at.unsigned(), b: at.unsigned() };
    case 0x1c:
      at.vector(() => at.u8());
      return { op };
    case 0x41:
      return { op, value: Number(at.signed(32)) };
    case 0x42:
      return { op, value: at.signed(64) };
    case 0x43:
      return { op, value: at.view(4).getFloat32(0, true) };
    case 0x44:
      return { op, value: at.view(8).getFloat64(0, true) };
    case 0x08:
    case 0x0c:
    case 0x0d:
    case 0x10:
    case 0x12:
    case 0x20:
    case 0x21:
    case 0x22:
    case 0x23:
    case 0x24:
    case 0x25:
    case 0x26:
    case 0x3f:
    case 0x40:
    case 0xd0:
    case 0xd2:
      return { op, a: at.unsigned() };
    default:
      return { op };
  }
}

function readPrefixed(at: Cursor): Instruction {
  const number = at.unsigned();
  const op = 0xfc00 + number;
  if (number <= 7) return { op };
  if ([8, 10, 12, 14].includes(number)) return { op, a: at.unsigned(), b: at.unsigned() };
  return { op, a: at.unsigned() };
}

/** Vectors are counted and not run. */
function readVector(at: Cursor): Instruction {
  const number = at.unsigned();
  const memory = number <= 11 || (number >= 0x54 && number <= 0x5d);
  if (memory) {
    at.unsigned();
    at.signed(64);
  }
  if (number === 12 || number === 13) at.at += 16;
  if ((number >= 0x15 && number <= 0x22) || (number >= 0x54 && number <= 0x5b)) at.at += 1;
  return { op: 0xfd00 + number };
}

function readBlockType(
  at: Cursor,
  types: readonly FunctionType[],
): { takes: number; leaves: number } {
  const form = Number(at.signed(33));
  if (form < 0) return { takes: 0, leaves: form === -64 ? 0 : 1 };
  const { parameters = [], results = [] } = types[form] ?? {};
  return { takes: parameters.length, leaves: results.length };
}
