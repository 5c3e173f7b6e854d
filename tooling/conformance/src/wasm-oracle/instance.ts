/* oxlint-disable typescript/no-unsafe-type-assertion -- validation, which engines do first, proves the types of every operand */
import type { Decoded, FunctionType } from "./decode.ts";
import type { Instruction } from "./decode-body.ts";
import { Tank } from "./fuel.ts";
import { Frame, Thrown } from "./run.ts";
import { type Allowance, type Callable, type Global, inside, Memory, Table } from "./store.ts";
import { Trap } from "./trap.ts";

/** Frames that may stand on each other; a guest that goes deeper is not compared. */
const DEEPEST = 800;

/** What a module is instantiated with. */
export interface OracleOptions {
  readonly tank: Tank;
  readonly pages: number;
  readonly elements: number;
  /** Answers an import of kind function, table, memory, global or tag. */
  readonly resolve: (module: string, name: string) => unknown;
}

/** A module that runs in an interpreter. */
export class Instance {
  readonly tank: Tank;
  readonly pages: Allowance;
  readonly elements: Allowance;
  readonly globals: Global[] = [];
  readonly tags: object[] = [];
  readonly dropped = { data: new Set<number>(), elements: new Set<number>() };
  readonly #module: Decoded;
  readonly #functions: Callable[] = [];
  readonly #tables: Table[] = [];
  readonly #memories: Memory[] = [];
  readonly #tagTypes: number[] = [];
  readonly #items: (readonly unknown[])[];
  #depth = 0;

  constructor(module: Decoded, { tank, pages, elements, resolve }: OracleOptions) {
    this.#module = module;
    this.tank = tank;
    this.pages = { left: pages };
    this.elements = { left: elements };
    for (const { module: from, name, kind, type } of module.imports) {
      this.#link(kind, type, resolve(from, name));
    }
    module.functions.forEach((type, index) => this.#define(type, index));
    this.#payForSegments();
    for (const { minimum, maximum } of module.memories) {
      this.pages.left -= minimum;
      this.#memories.push(new Memory(minimum, maximum));
    }
    for (const type of module.tags) {
      this.tags.push({});
      this.#tagTypes.push(type);
    }
    for (const { init } of module.globals) this.globals.push({ value: this.#constant(init) });
    for (const { minimum, maximum, start } of module.tables) {
      this.elements.left -= minimum;
      const first = start === undefined ? null : this.#constant(start);
      this.#tables.push(new Table(minimum, maximum, first));
    }
    this.#items = module.elements.map(({ items }) => items.map((item) => this.#constant(item)));
    this.#fill();
    if (module.start !== undefined) this.function(module.start).run([]);
  }

  /** Calls an exported function. */
  call(name: string, args: unknown[]): unknown[] {
    const found = this.#module.exports.find((each) => each.name === name && each.kind === 0);
    return this.function(found?.index ?? -1).run(args);
  }

  /** Values of exported globals, by name. */
  exportedGlobals(): ReadonlyMap<string, unknown> {
    const globals = this.#module.exports.filter(({ kind }) => kind === 3);
    return new Map(globals.map(({ name, index }) => [name, this.globals[index]?.value]));
  }

  /** The bytes of its memory, where it has one. */
  memoryBytes(): Uint8Array {
    return this.#memories[0]?.bytes ?? new Uint8Array();
  }

  function(index: number): Callable {
    const found = this.#functions[index];
    if (found === undefined) throw new Error(`no function ${index}`);
    return found;
  }

  memory(): Memory {
    const [memory] = this.#memories;
    if (memory === undefined) throw new Error("no memory");
    return memory;
  }

  table(index: number): Table {
    const table = this.#tables[index];
    if (table === undefined) throw new Error("no table");
    return table;
  }

  tableItem(index: number, at: number): unknown {
    const { items } = this.table(index);
    return items[inside(at >>> 0, 1, items.length)];
  }

  setTableItem(index: number, at: number, value: unknown): void {
    const { items } = this.table(index);
    items[inside(at >>> 0, 1, items.length)] = value;
  }

  indirect(table: number, at: number, type: number): Callable {
    const found = this.tableItem(table, at) as Callable | null;
    if (found === null || !sameType(found.type, this.#type(type))) throw new Trap("indirect_call");
    return found;
  }

  exception(tag: number, stack: unknown[]): Thrown {
    const count = this.#type(this.#tagTypes[tag] ?? 0).parameters.length;
    return new Thrown(this.tags[tag] ?? {}, count === 0 ? [] : stack.splice(-count));
  }

  dataBytes(index: number): Uint8Array {
    const bytes = this.#module.data[index]?.bytes;
    return bytes === undefined || this.dropped.data.has(index) ? new Uint8Array() : bytes;
  }

  elementItems(index: number): readonly unknown[] {
    return this.dropped.elements.has(index) ? [] : (this.#items[index] ?? []);
  }

  #link(kind: number, type: number, value: unknown): void {
    switch (kind) {
      case 0: {
        const host = value as (...args: unknown[]) => unknown[];
        return void this.#functions.push({ type: this.#type(type), run: (args) => host(...args) });
      }
      case 1:
        return void this.#tables.push(value as Table);
      case 2:
        return void this.#memories.push(value as Memory);
      case 3:
        return void this.globals.push(value as Global);
      default:
        this.tags.push(value as object);
        this.#tagTypes.push(type);
    }
  }

  #define(type: number, index: number): void {
    const signature = this.#type(type);
    const callable: Callable = {
      type: signature,
      body: index,
      run: (args) => this.#run(callable, args),
    };
    this.#functions.push(callable);
  }

  #run(first: Callable, given: unknown[]): unknown[] {
    this.#depth += 1;
    let callee = first;
    let args = given;
    try {
      if (this.#depth > DEEPEST) throw new Trap("stack_exhausted");
      for (;;) {
        const body = callee.body === undefined ? undefined : this.#module.bodies[callee.body];
        if (body === undefined) return callee.run(args);
        const zeros = body.locals.map(zeroOf);
        this.#enter(body.code, body.locals.length);
        const outcome = new Frame(this, callee.type, body.code, [...args, ...zeros]).run();
        if ("values" in outcome) return outcome.values;
        callee = outcome.next;
        args = outcome.args;
      }
    } finally {
      this.#depth -= 1;
    }
  }

  /** Zeroing locals belongs to the first run: both are affordable together or not at all. */
  #enter(code: readonly Instruction[], locals: number): void {
    const zeroing = Math.ceil(locals / 8);
    const run = code[0]?.run ?? 0;
    if (this.tank.left < run + zeroing) this.tank.burn(run + zeroing);
    this.tank.burn(zeroing);
  }

  #payForSegments(): void {
    const bytes = active(this.#module.data).reduce((sum, each) => sum + each.bytes.length, 0);
    const items = active(this.#module.elements).reduce((sum, each) => sum + each.items.length, 0);
    this.tank.burn(Math.floor(bytes / 16) + Math.floor(items / 4));
  }

  #fill(): void {
    this.#module.elements.forEach(({ mode, target, offset }, index) => {
      if (mode !== "passive") this.dropped.elements.add(index);
      if (mode !== "active") return;
      const items = this.#items[index] ?? [];
      const start = Number(this.#constant(offset)) >>> 0;
      const into = this.table(target).items;
      inside(start, items.length, into.length);
      items.forEach((item, at) => (into[start + at] = item));
    });
    this.#module.data.forEach(({ mode, offset, bytes }, index) => {
      if (mode !== "active") return;
      this.dropped.data.add(index);
      const memory = this.memory();
      memory.bytes.set(bytes, memory.at(Number(this.#constant(offset)), 0, bytes.length));
    });
  }

  #constant(expression: readonly Instruction[]): unknown {
    return new Frame(this, { parameters: [], results: [] }, expression, []).constant();
  }

  #type(index: number): FunctionType {
    return this.#module.types[index] ?? { parameters: [], results: [] };
  }
}

const active = <T extends { readonly mode: string }>(all: readonly T[]): readonly T[] =>
  all.filter(({ mode }) => mode === "active");

const zeroOf = (type: number): unknown => (type === 0x7e ? 0n : type >= 0x7c ? 0 : null);

const sameType = (a: FunctionType, b: FunctionType): boolean =>
  a.parameters.join() === b.parameters.join() && a.results.join() === b.results.join();
