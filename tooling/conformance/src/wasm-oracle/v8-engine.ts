/* oxlint-disable typescript/no-unsafe-type-assertion -- validation, which engines do first, proves the types of every operand */
import { decode, type Decoded } from "./decode.ts";
import { type V8Global, type V8Instance, v8 } from "./v8.ts";
import { digest, type Engine, type Observation, shown, START_FUEL } from "./observe.ts";

/** What the counters of a rewritten module begin with. */
export interface V8Counters {
  readonly pages: number;
  readonly elements: number;
  readonly segmentFuel: number;
}

const kinds: readonly (readonly [RegExp, string])[] = [
  [/unreachable/u, "unreachable"],
  [/out of bounds|out of range/u, "out_of_bounds"],
  [/divide by zero|remainder by zero/u, "divide_by_zero"],
  [/divide result unrepresentable|float unrepresentable/u, "integer_overflow"],
  [/null function|signature mismatch/u, "indirect_call"],
  [/call stack size/u, "stack_exhausted"],
];

const valueTypes: Readonly<Record<number, "i32" | "i64" | "f32" | "f64">> = {
  0x7f: "i32",
  0x7e: "i64",
  0x7d: "f32",
  0x7c: "f64",
};

type Imports = Record<string, Record<string, unknown>>;

/** A module in V8. Without counters it is as its author wrote it, and no limit holds. */
export function createV8(bytes: Uint8Array, original: Uint8Array, counters?: V8Counters): Engine {
  const module = new v8.Module(bytes.slice());
  const decoded = decode(original);
  return {
    observe(name, args, limit) {
      const fuel = new v8.Global({ value: "i64", mutable: true }, BigInt(START_FUEL));
      const imports = offer(decoded);
      let instance: V8Instance | undefined;
      const seen = (ended: Partial<Observation>): Observation => ({
        ended: "trap",
        values: [],
        trap: "",
        ...ended,
        left: counters === undefined ? undefined : Number(fuel.value),
        memory: instance === undefined ? "" : digest(memoryOf(instance, imports)),
        globals: instance === undefined ? [] : globalsOf(instance, decoded),
      });
      try {
        if (counters !== undefined) {
          fuel.value = BigInt(START_FUEL - counters.segmentFuel);
          imports["$sigil"] = { fuel, ...growth(counters) };
        }
        instance = new v8.Instance(module, imports);
        fuel.value = BigInt(limit);
        const exported = exportOf(instance, name) as () => unknown;
        const answered: unknown = Reflect.apply(exported, undefined, args);
        const values: unknown[] =
          answered === undefined ? [] : Array.isArray(answered) ? answered : [answered];
        return seen({ ended: "values", values: values.map(shown) });
      } catch (error) {
        if (Number(fuel.value) < 0) return seen({ ended: "fuel" });
        if (!(error instanceof Error)) return seen({ ended: "thrown" });
        const { message } = error;
        const [, trap = message] = kinds.find(([words]) => words.test(message)) ?? [];
        return seen({ ended: "trap", trap });
      }
    },
  };
}

function growth({ pages, elements }: V8Counters): Record<string, unknown> {
  return {
    pages: new v8.Global({ value: "i64", mutable: true }, BigInt(pages)),
    elements: new v8.Global({ value: "i64", mutable: true }, BigInt(elements)),
    refused: new v8.Global({ value: "i32", mutable: true }, 0),
  };
}

const exportOf = ({ exports }: V8Instance, name: string): unknown =>
  Object.getOwnPropertyDescriptor(exports, name)?.value;

function offer({ imports, types }: Decoded): Imports {
  const all: Imports = Object.create(null);
  for (const { module, name, kind, type, minimum, maximum, mutable } of imports) {
    const fields = (all[module] ??= Object.create(null));
    const bounds = { initial: minimum, ...(maximum === Infinity ? {} : { maximum }) };
    if (kind === 0) {
      const answers = (types[type]?.results ?? []).map(zeroOf);
      fields[name] = () => (answers.length > 1 ? answers : answers[0]);
    } else if (kind === 1) {
      const element = type === 0x6f ? "externref" : "anyfunc";
      fields[name] = new v8.Table({ element, ...bounds });
    } else if (kind === 2) {
      fields[name] = new v8.Memory(bounds);
    } else if (kind === 3) {
      const value = valueTypes[type] ?? "i32";
      fields[name] = new v8.Global({ value, mutable }, type === 0x7e ? 0n : 0);
    }
  }
  return all;
}

const zeroOf = (type: number): unknown => (type === 0x7e ? 0n : type >= 0x7c ? 0 : null);

function memoryOf({ exports }: V8Instance, imports: Imports): Uint8Array {
  const held: unknown[] = [
    ...Object.values(exports),
    ...Object.values(imports).flatMap((fields) => Object.values(fields)),
  ];
  const memory = held.find((each) => each instanceof v8.Memory);
  return memory === undefined ? new Uint8Array() : new Uint8Array(memory.buffer);
}

function globalsOf(instance: V8Instance, { exports }: Decoded): string[] {
  return exports
    .filter(({ kind }) => kind === 3)
    .map(({ name }) => shown((exportOf(instance, name) as V8Global).value));
}
