/* oxlint-disable typescript/no-unsafe-type-assertion -- validation, which engines do first, proves the types of every operand */
import { runBulk } from "./bulk.ts";
import type { FunctionType } from "./decode.ts";
import type { Handler, Instruction } from "./decode-body.ts";
import type { Tank } from "./fuel.ts";
import type { Instance } from "./instance.ts";
import { access } from "./memory-access.ts";
import { binary, unary } from "./numbers.ts";
import type { Callable } from "./store.ts";
import { Trap } from "./trap.ts";

/** An exception of a guest on its way to a handler. */
export class Thrown extends Error {
  readonly tag: object;
  readonly values: readonly unknown[];

  constructor(tag: object, values: readonly unknown[]) {
    super("thrown");
    this.tag = tag;
    this.values = values;
  }
}

/** An instruction that this interpreter counts and does not run. */
export class NotCovered extends Error {}

interface Label {
  readonly height: number;
  readonly arity: number;
  /** Where a branch goes on. */
  readonly target: number;
  readonly handlers: readonly Handler[];
  readonly isLoop: boolean;
}

/** What a body ended with: values, or a call that takes its place. */
export type Outcome =
  | { readonly values: unknown[] }
  | { readonly next: Callable; readonly args: unknown[] };

/** Runs one body by the letter of the specification, a value stack and a stack of labels. */
export class Frame {
  readonly #code: readonly Instruction[];
  readonly #locals: unknown[];
  readonly #instance: Instance;
  readonly #tank: Tank;
  readonly #type: FunctionType;
  readonly #stack: unknown[] = [];
  readonly #labels: Label[] = [];
  #at = 0;

  constructor(
    instance: Instance,
    type: FunctionType,
    code: readonly Instruction[],
    locals: unknown[],
  ) {
    this.#instance = instance;
    this.#tank = instance.tank;
    this.#type = type;
    this.#code = code;
    this.#locals = locals;
  }

  run(): Outcome {
    for (;;) {
      try {
        return this.#go();
      } catch (error) {
        if (!(error instanceof Thrown) || !this.#catches(error)) throw error;
      }
    }
  }

  /** Evaluates a constant expression. */
  constant(): unknown {
    for (const instruction of this.#code) this.#step(instruction);
    return this.#stack.at(-1);
  }

  #go(): Outcome {
    for (;;) {
      const instruction = this.#code[this.#at];
      if (instruction === undefined) return { values: this.#take(this.#type.results.length) };
      if (instruction.run !== undefined) this.#tank.burn(instruction.run);
      this.#at += 1;
      const ended = this.#step(instruction);
      if (ended !== undefined) return ended;
    }
  }

  #step(instruction: Instruction): Outcome | undefined {
    const { op, a = 0, b = 0 } = instruction;
    const stack = this.#stack;
    if (op >= 0x45 && op <= 0xc4) return this.#compute(op);
    if (op >= 0x28 && op <= 0x3e) {
      access(op, a, this.#instance.memory(), stack);
      return undefined;
    }
    switch (op) {
      case 0x00:
        throw new Trap("unreachable");
      case 0x01:
        return undefined;
      case 0x02:
      case 0x1f:
        return this.#open(instruction, (instruction.end ?? 0) + 1);
      case 0x03:
        return this.#open(instruction, this.#at);
      case 0x04:
        if (stack.pop() !== 0) return this.#open(instruction, (instruction.end ?? 0) + 1);
        if (instruction.otherwise === undefined) this.#at = (instruction.end ?? 0) + 1;
        else {
          this.#open(instruction, (instruction.end ?? 0) + 1);
          this.#at = instruction.otherwise + 1;
        }
        return undefined;
      case 0x05:
        this.#labels.pop();
        this.#at = (instruction.end ?? 0) + 1;
        return undefined;
      case 0x0b:
        this.#labels.pop();
        return undefined;
      case 0x0c:
        return this.#branch(a);
      case 0x0d:
        return stack.pop() === 0 ? undefined : this.#branch(a);
      case 0x0e:
        return this.#branch(instruction.labels?.[Number(stack.pop()) >>> 0] ?? a);
      case 0x0f:
        return { values: this.#take(this.#type.results.length) };
      case 0x08:
        throw this.#instance.exception(a, stack);
      case 0x0a: {
        const thrown = stack.pop();
        throw thrown instanceof Thrown ? thrown : new Trap("other");
      }
      case 0x10:
        return this.#call(this.#instance.function(a));
      case 0x11:
        return this.#call(this.#instance.indirect(b, Number(stack.pop()), a));
      case 0x12:
        return this.#tail(this.#instance.function(a));
      case 0x13:
        return this.#tail(this.#instance.indirect(b, Number(stack.pop()), a));
      case 0x1a:
        stack.pop();
        return undefined;
      case 0x1b:
      case 0x1c: {
        const [first, second, chosen] = this.#take(3);
        stack.push(chosen === 0 ? second : first);
        return undefined;
      }
      case 0x20:
        stack.push(this.#locals[a]);
        return undefined;
      case 0x21:
        this.#locals[a] = stack.pop();
        return undefined;
      case 0x22:
        this.#locals[a] = stack.at(-1);
        return undefined;
      case 0x23:
        stack.push(this.#instance.globals[a]?.value);
        return undefined;
      case 0x24: {
        const global = this.#instance.globals[a];
        if (global !== undefined) global.value = stack.pop();
        return undefined;
      }
      case 0x25:
        stack.push(this.#instance.tableItem(a, Number(stack.pop())));
        return undefined;
      case 0x26: {
        const value = stack.pop();
        this.#instance.setTableItem(a, Number(stack.pop()), value);
        return undefined;
      }
      case 0x3f:
        stack.push(this.#instance.memory().pages);
        return undefined;
      case 0x40: {
        const count = Number(stack.pop()) >>> 0;
        this.#tank.burn(1_024 * count);
        stack.push(this.#instance.memory().grow(count, this.#instance.pages));
        return undefined;
      }
      case 0x41:
      case 0x42:
      case 0x43:
      case 0x44:
        stack.push(instruction.value);
        return undefined;
      case 0xd0:
        stack.push(null);
        return undefined;
      case 0xd1:
        stack.push(stack.pop() === null ? 1 : 0);
        return undefined;
      case 0xd2:
        stack.push(this.#instance.function(a));
        return undefined;
      default:
        if (op >> 8 === 0xfc) {
          runBulk(instruction, stack, this.#instance, this.#tank);
          return undefined;
        }
        throw new NotCovered("a vector instruction");
    }
  }

  #compute(op: number): undefined {
    const one = unary[op];
    if (one !== undefined) return void this.#stack.push(one(this.#stack.pop() as never));
    const second = this.#stack.pop();
    const first = this.#stack.pop();
    this.#stack.push(binary[op]?.(first as never, second as never));
    return undefined;
  }

  #open({ op, takes = 0, leaves = 0, handlers = [] }: Instruction, target: number): undefined {
    const isLoop = op === 0x03;
    const height = this.#stack.length - takes;
    this.#labels.push({ height, arity: isLoop ? takes : leaves, target, handlers, isLoop });
    return undefined;
  }

  #branch(depth: number): Outcome | undefined {
    const at = this.#labels.length - 1 - depth;
    const label = this.#labels[at];
    if (label === undefined) return { values: this.#take(this.#type.results.length) };
    const values = this.#take(label.arity);
    this.#stack.length = label.height;
    this.#stack.push(...values);
    this.#labels.length = label.isLoop ? at + 1 : at;
    this.#at = label.target;
    return undefined;
  }

  #call(callee: Callable): undefined {
    this.#stack.push(...callee.run(this.#take(callee.type.parameters.length)));
    return undefined;
  }

  #tail(next: Callable): Outcome {
    return { next, args: this.#take(next.type.parameters.length) };
  }

  #take(count: number): unknown[] {
    return count === 0 ? [] : this.#stack.splice(-count);
  }

  /** Goes on at the innermost handler that takes an exception. */
  #catches(thrown: Thrown): boolean {
    for (let label = this.#labels.pop(); label !== undefined; label = this.#labels.pop()) {
      const handler = label.handlers.find(
        ({ kind, tag }) => kind > 1 || this.#instance.tags[tag] === thrown.tag,
      );
      if (handler === undefined) continue;
      this.#stack.length = label.height;
      if (handler.kind < 2) this.#stack.push(...thrown.values);
      if (handler.kind % 2 === 1) this.#stack.push(thrown);
      const ended = this.#branch(handler.label);
      if (ended !== undefined && "values" in ended) {
        this.#stack.push(...ended.values);
        this.#at = this.#code.length;
      }
      return true;
    }
    return false;
  }
}
