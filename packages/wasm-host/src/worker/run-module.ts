import { ask } from "./bridge.ts";
import type { Counters } from "./counters.ts";
import type { Order, WasmNumber } from "./messages.ts";

/** A started core module. */
export interface StartedModule {
  /** Calls an export and answers its results. */
  call(name: string, args: readonly WasmNumber[]): readonly WasmNumber[];
}

/** Instantiates a core module; each import is a question to the host. */
export function startModule(
  order: Extract<Order, { kind: "start-module" }>,
  counters: Counters,
): StartedModule {
  const exports = instantiate(order, counters);
  return {
    call(name, args) {
      const found: unknown = exports.get(name);
      if (typeof found !== "function") throw new TypeError("not a function");
      const value: unknown = Reflect.apply(found, undefined, args);
      const results: unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
      return results.filter((each) => typeof each === "number" || typeof each === "bigint");
    },
  };
}

function instantiate(
  { core, imports }: Extract<Order, { kind: "start-module" }>,
  counters: Counters,
): ReadonlyMap<string, unknown> {
  const linked: Record<string, Record<string, unknown>> = Object.create(null);
  imports.forEach(({ module: from, name }, index) => {
    const fields = (linked[from] ??= Object.create(null));
    fields[name] = (...args: unknown[]): unknown => answerOf(index, args, counters);
  });
  for (const fields of Object.values(linked)) Object.freeze(fields);
  counters.admit(core);
  // The counters come last: an import of their name was refused before, and would be covered here.
  const instance = new WebAssembly.Instance(
    core.module,
    Object.freeze(Object.assign(linked, counters.imports)),
  );
  // Own properties only, once: a guest names its exports `__proto__` and `constructor` if it likes.
  return new Map(Object.entries(instance.exports));
}

/** A number counts as eight bytes, whatever its type. */
const NUMBER_BYTES = 8;

/** The host answers only with values of the declared types; where it has none it ends this Worker, which no guest can catch. */
function answerOf(index: number, args: readonly unknown[], counters: Counters): unknown {
  const sent = args.length * NUMBER_BYTES;
  counters.chargeQuestion(sent);
  const answer = ask(String(index), args);
  const values: unknown = answer.kind === "value" ? answer.value : undefined;
  counters.chargeAnswer(sent, Array.isArray(values) ? values.length * NUMBER_BYTES : 0);
  return Array.isArray(values) && values.length < 2 ? values[0] : values;
}
