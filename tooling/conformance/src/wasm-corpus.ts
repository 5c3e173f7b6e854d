import { readFileSync } from "node:fs";
import { listWasmFixtures, readWasmFixture } from "./wasm-fixture-files.ts";
import { decode } from "./wasm-oracle/decode.ts";
import { generateModule } from "./wasm-oracle/generate.ts";
import { Random } from "./wasm-oracle/generate-bytes.ts";

/** A module of the corpus, and calls of it that every engine answers alike. */
export interface CorpusModule {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly calls: readonly { readonly name: string; readonly args: readonly unknown[] }[];
}

const CALLS_PER_MODULE = 6;
const GENERATED = 40;
const NUMBERS = new Set([0x7f, 0x7e, 0x7d, 0x7c]);

const translator = import.meta.resolve("@bytecodealliance/jco-transpile");

/** Files of published packages. */
const packageFiles: readonly URL[] = [
  new URL("../vendor/wasm-tools.core.wasm", translator),
  new URL("../vendor/wasm-tools.core2.wasm", translator),
  new URL("../vendor/js-component-bindgen-component.core.wasm", translator),
  new URL("../vendor/js-component-bindgen-component.core2.wasm", translator),
  new URL("cedar_wasm_bg.wasm", import.meta.resolve("@cedar-policy/cedar-wasm/nodejs")),
  new URL("lib/webp_codec.wasm", import.meta.resolve("playwright-core")),
];

/** Programs of published packages that hold a module as text. */
const embedded: readonly URL[] = [
  new URL(import.meta.resolve("es-module-lexer")),
  new URL(import.meta.resolve("cjs-module-lexer")),
];

const nameOf = ({ pathname }: URL): string => pathname.split("/").at(-1) ?? "";

/** Modules that Node 22 and 24 both run: fixtures, published packages, and what a generator makes. */
export function collectCorpus(): readonly CorpusModule[] {
  const fixtures = listWasmFixtures()
    .filter((name) => name.endsWith(".wasm") && name !== "handlers.wasm")
    .map((name) => ({ name, bytes: readWasmFixture(name) }))
    .filter(({ bytes }) => bytes[4] === 1);
  const generated = Array.from({ length: GENERATED }, (_, seed) => ({
    name: `generated ${seed}`,
    bytes: generateModule(new Random(seed), { handlers: false }),
  }));
  return [...fixtures, ...packages(), ...generated].map(({ name, bytes }) => ({
    name,
    bytes,
    calls: callsOf(bytes),
  }));
}

function packages(): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
  const files = packageFiles.map((file) => ({
    name: nameOf(file),
    bytes: new Uint8Array(readFileSync(file)),
  }));
  const texts = embedded.map((file) => {
    const [found = ""] = /AGFzbQ[A-Za-z0-9+/=]+/u.exec(readFileSync(file, "utf8")) ?? [];
    return { name: nameOf(file), bytes: Uint8Array.from(Buffer.from(found, "base64")) };
  });
  return [...files, ...texts];
}

/** The first exports whose types are numbers, with small arguments. */
function callsOf(bytes: Uint8Array): CorpusModule["calls"] {
  const { exports, imports, functions, types } = decode(bytes);
  const imported = imports.flatMap(({ kind, type }) => (kind === 0 ? [type] : []));
  const random = new Random(bytes.length);
  return exports
    .filter(({ kind }) => kind === 0)
    .map(({ name, index }) => ({ name, type: types[[...imported, ...functions][index] ?? -1] }))
    .filter(
      ({ type }) =>
        type !== undefined &&
        [...type.parameters, ...type.results].every((each) => NUMBERS.has(each)),
    )
    .slice(0, CALLS_PER_MODULE)
    .map(({ name, type }) => ({
      name,
      args: (type?.parameters ?? []).map((each) =>
        each === 0x7e ? BigInt(random.upTo(9)) : random.upTo(9),
      ),
    }));
}
