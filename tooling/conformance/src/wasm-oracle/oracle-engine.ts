import { decode, type Decoded } from "./decode.ts";
import { OutOfFuel, Tank } from "./fuel.ts";
import { Instance } from "./instance.ts";
import { digest, type Engine, type Observation, shown, START_FUEL } from "./observe.ts";
import { NotCovered, Thrown } from "./run.ts";
import { Memory, Table } from "./store.ts";
import { Trap } from "./trap.ts";

const zeros = new Map<number, unknown>([
  [0x7f, 0],
  [0x7e, 0n],
  [0x7d, 0],
  [0x7c, 0],
]);

/** A module in the interpreter. */
export function createOracle(
  bytes: Uint8Array,
  storage: { pages: number; elements: number },
): Engine {
  const decoded = decode(bytes);
  return {
    observe(name, args, limit) {
      const tank = new Tank(START_FUEL);
      let instance: Instance | undefined;
      try {
        instance = new Instance(decoded, { tank, ...storage, resolve: offer(decoded) });
        tank.left = limit;
        const values = instance.call(name, [...args]).map(shown);
        return seen(instance, tank, { ended: "values", values });
      } catch (error) {
        return seen(instance, tank, endOf(error));
      }
    },
  };
}

/** Functions that answer zeros, and storage as the module asks for it. */
function offer({ imports, types }: Decoded): (module: string, name: string) => unknown {
  const left = [...imports];
  return () => {
    const next = left.shift();
    if (next === undefined) return undefined;
    switch (next.kind) {
      case 0:
        return () => (types[next.type]?.results ?? []).map((type) => zeros.get(type) ?? null);
      case 1:
        return new Table(next.minimum, next.maximum, null);
      case 2:
        return new Memory(next.minimum, next.maximum);
      case 3:
        return { value: zeros.get(next.type) ?? null };
      default:
        return {};
    }
  };
}

function endOf(error: unknown): Pick<Observation, "ended"> & { trap?: string } {
  if (error instanceof OutOfFuel) return { ended: "fuel" };
  if (error instanceof Trap) return { ended: "trap", trap: error.kind };
  if (error instanceof Thrown) return { ended: "thrown" };
  if (error instanceof NotCovered) return { ended: "not covered" };
  throw error;
}

function seen(
  instance: Instance | undefined,
  tank: Tank,
  {
    ended,
    values = [],
    trap = "",
  }: Pick<Observation, "ended"> & { values?: readonly string[]; trap?: string },
): Observation {
  return {
    ended,
    values,
    trap,
    left: tank.left,
    memory: instance === undefined ? "" : digest(instance.memoryBytes()),
    globals: [...(instance?.exportedGlobals().values() ?? [])].map(shown),
  };
}
