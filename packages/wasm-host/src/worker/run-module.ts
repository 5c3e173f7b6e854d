import { ask } from "./bridge.ts";
import type { LinkedImport, WasmNumber } from "./messages.ts";

/** A started core module. */
export interface StartedModule {
  /** Calls an export and answers its results. */
  call(name: string, args: readonly WasmNumber[]): readonly WasmNumber[];
}

/** Instantiates a core module; each import is a question to the host. */
export function startModule(
  module: WebAssembly.Module,
  imports: readonly LinkedImport[],
): StartedModule {
  const exports = instantiate(module, imports);
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
  module: WebAssembly.Module,
  imports: readonly LinkedImport[],
): ReadonlyMap<string, unknown> {
  const linked: Record<string, Record<string, unknown>> = Object.create(null);
  imports.forEach(({ module: from, name }, index) => {
    const fields = (linked[from] ??= Object.create(null));
    fields[name] = (...args: unknown[]): unknown => answerOf(index, args);
  });
  for (const fields of Object.values(linked)) Object.freeze(fields);
  const instance = new WebAssembly.Instance(module, Object.freeze(linked));
  // Own properties only, once: a guest names its exports `__proto__` and `constructor` if it likes.
  return new Map(Object.entries(instance.exports));
}

/** The host answers only with values of the declared types; where it has none it ends this Worker, which no guest can catch. */
function answerOf(index: number, args: readonly unknown[]): unknown {
  const answer = ask(String(index), args);
  const values: unknown = answer.kind === "value" ? answer.value : undefined;
  return Array.isArray(values) && values.length < 2 ? values[0] : values;
}
