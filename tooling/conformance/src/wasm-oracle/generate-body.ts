import { leb, type Random, signedLeb, vector } from "./generate-bytes.ts";

const I32 = 0x7f;
const I64 = 0x7e;
const F32 = 0x7d;
const F64 = 0x7c;

/** What bodies can name. */
export interface Shape {
  readonly signatures: readonly {
    readonly parameters: readonly number[];
    readonly results: readonly number[];
  }[];
  readonly functions: readonly number[];
  readonly globals: readonly number[];
  readonly handlers: boolean;
  readonly tables: number;
  readonly passiveData: number;
  readonly passiveElements: number;
}

type Operation = readonly [op: number, result: number, ...operands: number[]];
const range = (first: number, last: number, result: number, ...operands: number[]): Operation[] =>
  Array.from(
    { length: last - first + 1 },
    (_, index) => [first + index, result, ...operands] as const,
  );

/** Everything but what shows the bits of a NaN: reinterpretation of floats, and copysign. */
const operations: readonly Operation[] = [
  ...range(0x45, 0x45, I32, I32),
  ...range(0x46, 0x4f, I32, I32, I32),
  ...range(0x50, 0x50, I32, I64),
  ...range(0x51, 0x5a, I32, I64, I64),
  ...range(0x5b, 0x60, I32, F32, F32),
  ...range(0x61, 0x66, I32, F64, F64),
  ...range(0x67, 0x69, I32, I32),
  ...range(0x6a, 0x78, I32, I32, I32),
  ...range(0x79, 0x7b, I64, I64),
  ...range(0x7c, 0x8a, I64, I64, I64),
  ...range(0x8b, 0x91, F32, F32),
  ...range(0x92, 0x97, F32, F32, F32),
  ...range(0x99, 0x9f, F64, F64),
  ...range(0xa0, 0xa5, F64, F64, F64),
  ...range(0xa7, 0xa7, I32, I64),
  ...range(0xa8, 0xa9, I32, F32),
  ...range(0xaa, 0xab, I32, F64),
  ...range(0xac, 0xad, I64, I32),
  ...range(0xae, 0xaf, I64, F32),
  ...range(0xb0, 0xb1, I64, F64),
  ...range(0xb2, 0xb3, F32, I32),
  ...range(0xb4, 0xb5, F32, I64),
  ...range(0xb6, 0xb6, F32, F64),
  ...range(0xb7, 0xb8, F64, I32),
  ...range(0xb9, 0xba, F64, I64),
  ...range(0xbb, 0xbb, F64, F32),
  ...range(0xbe, 0xbe, F32, I32),
  ...range(0xbf, 0xbf, F64, I64),
  ...range(0xc0, 0xc1, I32, I32),
  ...range(0xc2, 0xc4, I64, I64),
  ...range(0xfc00, 0xfc01, I32, F32),
  ...range(0xfc02, 0xfc03, I32, F64),
  ...range(0xfc04, 0xfc05, I64, F32),
  ...range(0xfc06, 0xfc07, I64, F64),
];

const loads: Readonly<Record<number, readonly number[]>> = {
  [I32]: [0x28, 0x2c, 0x2d, 0x2e, 0x2f],
  [I64]: [0x29, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35],
  [F32]: [0x2a],
  [F64]: [0x2b],
};

const opcode = (op: number): number[] => (op > 0xff ? [op >> 8, ...leb(op & 0xff)] : [op]);

/** Makes one body; statements leave nothing on the stack, expressions one value. */
export class BodyMaker {
  readonly #shape: Shape;
  readonly #random: Random;
  readonly #locals: readonly number[];
  readonly #declared: readonly number[];
  readonly #results: readonly number[];
  /** Whether a branch to each open label carries nothing. */
  readonly #labels: boolean[] = [];
  #budget = 60;

  constructor(shape: Shape, type: number, random: Random) {
    const { parameters, results } = shape.signatures[type] ?? { parameters: [], results: [] };
    this.#shape = shape;
    this.#random = random;
    this.#results = results;
    this.#declared = random.list(20, () => random.of([I32, I64, F32, F64]));
    this.#locals = [...parameters, ...this.#declared];
  }

  make(): number[] {
    const statements = Array.from({ length: this.#random.upTo(6) + 1 }, () => this.#statement());
    const locals = vector(this.#declared.map((type) => [1, type]));
    return [...locals, ...statements.flat(), ...this.#values(this.#results), 0x0b];
  }

  #values(types: readonly number[]): number[] {
    return types.flatMap((type) => this.#value(type));
  }

  #value(type: number): number[] {
    this.#budget -= 1;
    const random = this.#random;
    if (this.#budget < 0) return this.#constant(type);
    switch (random.upTo(9)) {
      case 0:
        return this.#constant(type);
      case 1:
      case 2:
        return this.#local(type) ?? this.#constant(type);
      case 3:
        return [...this.#address(), random.of(loads[type] ?? []), 0, ...leb(random.upTo(200))];
      case 4:
        return this.#call(type) ?? this.#constant(type);
      case 5: {
        this.#labels.push(false);
        const made = [
          ...this.#value(I32),
          0x04,
          type,
          ...this.#value(type),
          0x05,
          ...this.#value(type),
          0x0b,
        ];
        this.#labels.pop();
        return made;
      }
      case 6:
        return [...this.#value(type), ...this.#value(type), ...this.#value(I32), 0x1b];
      case 7:
        return type === I32 ? this.#special() : this.#operation(type);
      default:
        return this.#operation(type);
    }
  }

  #operation(type: number): number[] {
    const [op, , ...operands] = this.#random.of(operations.filter(([, result]) => result === type));
    return [...this.#values(operands), ...opcode(op)];
  }

  #special(): number[] {
    const random = this.#random;
    switch (random.upTo(6)) {
      case 0:
        return [0x3f, 0];
      case 1:
        return [0x41, random.upTo(3), 0x40, 0];
      case 2:
        return [...opcode(0xfc10), 0];
      case 3:
        return [0x41, random.upTo(9), 0x25, 0, 0xd1];
      case 4:
        return [0xd0, 0x70, 0x41, random.upTo(7), ...opcode(0xfc0f), 0];
      case 5:
        return [0x23, random.of([0, 2])];
      default:
        return [...this.#value(I64), 0xa7];
    }
  }

  #constant(type: number): number[] {
    const random = this.#random;
    const edge = random.of([0n, 1n, -1n, 2n ** 31n - 1n, -(2n ** 31n), BigInt(random.upTo(1_000))]);
    if (type === I32) return [0x41, ...signedLeb(edge)];
    if (type === I64) return [0x42, ...signedLeb(random.of([edge, 2n ** 63n - 1n, -(2n ** 63n)]))];
    const value = random.of([0, -0, 1.5, -2.5, 1e10, -1e300, Infinity, Number.NaN, random.next()]);
    const view = new DataView(new ArrayBuffer(8));
    if (type === F32) view.setFloat32(0, value, true);
    else view.setFloat64(0, value, true);
    const bytes = [...new Uint8Array(view.buffer, 0, type === F32 ? 4 : 8)];
    return [type === F32 ? 0x43 : 0x44, ...bytes];
  }

  #local(type: number): number[] | undefined {
    const index = this.#localOf(type);
    return index === undefined ? undefined : [0x20, ...leb(index)];
  }

  #localOf(type: number): number | undefined {
    const fitting = this.#locals.flatMap((each, index) => (each === type ? [index] : []));
    return fitting.length === 0 ? undefined : this.#random.of(fitting);
  }

  /** Mostly inside of the first page, sometimes anywhere. */
  #address(): number[] {
    const anywhere = this.#random.upTo(30) === 0;
    const mask = [0x41, ...signedLeb(0x7fffn), 0x71];
    return anywhere ? this.#value(I32) : [...this.#value(I32), ...mask];
  }

  #call(type: number): number[] | undefined {
    const { functions, signatures } = this.#shape;
    const callable = functions.flatMap((signature, index) =>
      signatures[signature]?.results[0] === type ? [{ signature, index }] : [],
    );
    if (callable.length === 0) return undefined;
    const { signature, index } = this.#random.of(callable);
    const args = this.#values(signatures[signature]?.parameters ?? []);
    if (this.#random.upTo(3) > 0) return [...args, 0x10, ...leb(index)];
    return [...args, 0x41, this.#random.upTo(8), 0x11, ...leb(signature), 0];
  }

  #block(open: readonly number[]): number[] {
    this.#labels.push(true);
    const inner = Array.from({ length: this.#random.upTo(3) + 1 }, () => this.#statement());
    this.#labels.pop();
    return [...open, ...inner.flat(), 0x0b];
  }

  /** A label that a branch reaches without a value. */
  #label(): number | undefined {
    const open = this.#labels.toReversed().flatMap((plain, depth) => (plain ? [depth] : []));
    return open.length === 0 ? undefined : this.#random.of(open);
  }

  #statement(): number[] {
    this.#budget -= 1;
    const random = this.#random;
    if (this.#budget < 0) return [0x01];
    switch (random.upTo(15)) {
      case 0:
      case 1: {
        const type = random.of([I32, I64, F32, F64]);
        const local = this.#localOf(type);
        const value = this.#value(type);
        return local === undefined ? [...value, 0x1a] : [...value, 0x21, ...leb(local)];
      }
      case 2:
        return [...this.#value(I32), 0x24, random.of([0, 2])];
      case 3:
        return [...this.#value(I64), 0x24, 1];
      case 4: {
        const [op, type] = random.of([
          [0x36, I32],
          [0x3a, I32],
          [0x3b, I32],
          [0x37, I64],
          [0x3e, I64],
        ] as const);
        return [...this.#address(), ...this.#value(type), op, 0, ...leb(random.upTo(100))];
      }
      case 5:
      case 6:
        return this.#block([0x03, 0x40]);
      case 7:
        return this.#block([0x02, 0x40]);
      case 8: {
        const condition = this.#value(I32);
        const made = this.#block([...condition, 0x04, 0x40]);
        return random.upTo(1) === 0 ? made : [...made.slice(0, -1), 0x05, 0x01, 0x0b];
      }
      case 9: {
        const label = this.#label();
        return label === undefined ? [0x01] : [...this.#value(I32), 0x0d, ...leb(label)];
      }
      case 10: {
        const labels = [this.#label(), this.#label(), this.#label()].filter(
          (each) => each !== undefined,
        );
        if (labels.length === 0) return [0x01];
        const table = vector(labels.slice(1).map((label) => leb(label)));
        return [...this.#value(I32), 0x0e, ...table, ...leb(labels[0] ?? 0)];
      }
      case 11:
        return this.#bulk();
      case 12:
        return [0x41, random.upTo(7), 0xd2, random.upTo(this.#shape.functions.length - 1), 0x26, 0];
      case 13:
        return this.#leaving();
      case 14:
        return this.#shape.handlers ? this.#handler() : [0x01];
      default:
        return [...this.#value(random.of([I32, I64, F32, F64])), 0x1a];
    }
  }

  /** A way out, taken when a condition holds. */
  #leaving(): number[] {
    const random = this.#random;
    const condition = [...this.#value(I32), 0x04, 0x40];
    const way = random.upTo(this.#shape.handlers ? 3 : 2);
    if (way === 0) return [...condition, ...this.#values(this.#results), 0x0f, 0x0b];
    if (way === 1) {
      const { functions, signatures } = this.#shape;
      const same = functions.flatMap((type, index) =>
        signatures[type]?.results.join() === this.#results.join() ? [{ type, index }] : [],
      );
      if (same.length === 0) return [0x01];
      const { type, index } = random.of(same);
      const args = this.#values(signatures[type]?.parameters ?? []);
      return [...condition, ...args, 0x12, ...leb(index), 0x0b];
    }
    if (way === 2) return [...condition, ...(random.upTo(4) === 0 ? [0x00] : [0x01]), 0x0b];
    return [...condition, 0x08, 0, 0x0b];
  }

  /** A block that catches the tag, or everything. */
  #handler(): number[] {
    this.#labels.push(true);
    const clause = this.#random.upTo(1) === 0 ? [0, 0, 0] : [2, 0];
    const made = this.#block([0x02, 0x40, 0x1f, 0x40, 1, ...clause]);
    this.#labels.pop();
    return [...made, 0x0b];
  }

  #bulk(): number[] {
    const random = this.#random;
    const small = (most: number): number[] => [0x41, ...signedLeb(BigInt(random.upTo(most)))];
    const length = random.upTo(12) === 0 ? this.#value(I32) : small(300);
    const op = random.upTo(5);
    if (op === 0) return [...small(9_000), ...small(9_000), ...length, ...opcode(0xfc0a), 0, 0];
    if (op === 1) return [...small(9_000), ...this.#value(I32), ...length, ...opcode(0xfc0b), 0];
    if (op === 2) return [...small(90), ...small(3), ...small(9), ...opcode(0xfc08), 1, 0];
    if (op === 3) return [...small(4), ...small(2), ...small(3), ...opcode(0xfc0c), 1, 0];
    if (op === 4) return [...small(4), ...small(4), ...small(5), ...opcode(0xfc0e), 0, 0];
    return [...small(4), 0xd0, 0x70, ...small(3), ...opcode(0xfc11), 0];
  }
}
