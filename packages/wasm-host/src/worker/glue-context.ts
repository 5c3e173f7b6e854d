import { createContext, Script } from "node:vm";

/** Instantiates a component; what it exports comes in a box, for an awaited object with `then` would be called. */
export type InstantiateGlue = (
  getModule: (file: string) => WebAssembly.Module,
  imports: object,
) => Promise<{ readonly exports: object }>;

/** What every core instance of a component is made with. */
export interface InstanceMetering {
  /** Imports that are added to those of the glue. The glue never sees them. */
  readonly counters: object;
  /** Counts an instance before it is made, each one. */
  admit(module: WebAssembly.Module): void;
}

/**
 * Runs inside the context, so that the functions glue can reach belong to it and lead to no other. Text coders of the
 * outer context are closed over and never handed out, their errors included.
 */
const prelude = `"use strict";
(encodeInto, encode, decode, counters, admit) => {
  const { Instance } = WebAssembly;
  const { assign, create, freeze } = Object;
  const within = (work) => { try { return work(); } catch { throw new TypeError("not a text"); } };
  globalThis.TextEncoder = class TextEncoder {
    encode(text) { return new Uint8Array(within(() => encode(String(text)))); }
    encodeInto(text, target) {
      const [read, written] = within(() => encodeInto(String(text), target));
      return { read, written };
    }
  };
  globalThis.TextDecoder = class TextDecoder {
    #label;
    constructor(label = "utf-8") { this.#label = String(label); }
    decode(bytes) { return within(() => decode(this.#label, bytes)); }
  };
  const silent = () => {};
  globalThis.console = { error: silent, warn: silent, log: silent, debug: silent, info: silent };
  return (instantiate) => async (getModule, imports) => ({
    exports: await (async () => {
      let held;
      const exports = instantiate(getModule, imports, (module, linked) => {
        admit(module);
        return new Instance(module, freeze(assign(create(null), linked, counters)));
      });
      await Promise.resolve(exports).then((value) => { held = { value }; });
      return held;
    })(),
  });
}`;

/** Prepares glue of the translator as a script of a context without string evaluation. */
export function createGlueContext(glue: string, metering: InstanceMetering): InstantiateGlue {
  const context = createContext(Object.create(null), {
    codeGeneration: { strings: false, wasm: true },
  });
  const encoder = new TextEncoder();
  const make: unknown = new Script(prelude).runInContext(context);
  const wrap: unknown = apply(make, [
    (text: string, target: Uint8Array) => {
      const { read, written } = encoder.encodeInto(text, target);
      return [read, written];
    },
    (text: string) => encoder.encode(text),
    // Always fatal: a text that is none is a wrong result, not one with marks in it.
    (label: string, bytes?: Uint8Array) => new TextDecoder(label, { fatal: true }).decode(bytes),
    metering.counters,
    (module: WebAssembly.Module) => metering.admit(module),
  ]);
  const instantiate: unknown = new Script(asScript(glue)).runInContext(context);
  const ready: unknown = apply(wrap, [instantiate]);
  return async (getModule, imports) => {
    const outcome: unknown = await apply(ready, [getModule, imports]);
    return { exports: exportsOf(outcome) };
  };
}

/** Takes from glue what only a module may hold, and its debug hook. */
function asScript(glue: string): string {
  const script = glue
    .replaceAll(/^export (?=function |const )/gmu, "")
    .replaceAll("import.meta.url", "undefined")
    .replace(/if \(!globalThis\?\.process\?\.env\?\.JCO_DEBUG\) \{ return; \}/u, "return;");
  return `${script}\n;instantiate;`;
}

function apply(target: unknown, args: readonly unknown[]): unknown {
  if (typeof target !== "function") throw new TypeError("the glue has another shape");
  return Reflect.apply(target, undefined, args);
}

function exportsOf(outcome: unknown): object {
  const held: unknown = property(outcome, "exports");
  const exports = property(held, "value");
  if (typeof exports !== "object" || exports === null) throw new TypeError("no exports");
  return exports;
}

const property = (holder: unknown, name: string): unknown =>
  typeof holder === "object" && holder !== null
    ? Object.getOwnPropertyDescriptor(holder, name)?.value
    : undefined;
