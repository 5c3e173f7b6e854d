import { readFileSync } from "node:fs";
import { meterModule } from "@sigilrt/wasm-host/meter";
import { type LimitCase, type RatioCase, type RatioResult, summarise } from "./ratio.ts";

const bytes = new Uint8Array(
  readFileSync(new URL("../../conformance/fixtures/wasm/kernels.wasm", import.meta.url)),
);

/** Kernels, and an argument for which each takes some tens of microseconds or more. */
const kernels = {
  sieve: 20_000,
  recursion: 16,
  matrix: 32,
  interpreter: 10_000,
  hash: 10_000,
  checksum: 20_000,
  mandelbrot: 24,
  sort: 300,
  collatz: 300,
  dispatch: 10_000,
} as const;

type Kernel = (n: number) => number;

/** What Node has and TypeScript knows with `dom` alone. */
interface Engine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: Readonly<Record<string, Kernel>> };
  readonly Global: new (type: object, value: unknown) => { value: unknown };
}

/** An export of the kernels: plain, with growth counted alone, or with fuel that lasts for the whole run. */
function load(how: "plain" | "growth" | "fuel"): Readonly<Record<string, Kernel>> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the engine's own interface, as the JavaScript API names it
  const engine = Reflect.get(globalThis, "WebAssembly") as unknown as Engine;
  const code = how === "plain" ? bytes : meterModule(bytes, { fuel: how === "fuel" }).bytes;
  const counter = (value: "i32" | "i64", begin: unknown): object =>
    new engine.Global({ value, mutable: true }, begin);
  const counters = {
    fuel: counter("i64", 2n ** 62n),
    pages: counter("i64", 16n),
    elements: counter("i64", 16n),
    refused: counter("i32", 0),
  };
  return new engine.Instance(new engine.Module(code), { $sigil: counters }).exports;
}

/** One kernel on both sides; each side is a module of its own, so that none is compiled for the other. */
function kernelCases(how: "growth" | "fuel", maxRatio: number): readonly RatioCase[] {
  return Object.entries(kernels).map(([name, n]) => {
    const [ours, peer] = [load(how)[name], load("plain")[name]];
    if (ours === undefined || peer === undefined) throw new Error(`No kernel ${name}`);
    return {
      name: `wasm-meter: ${name} with ${how} counted, against plain V8`,
      agree: () => ours(n) === peer(n),
      ours: () => ours(n),
      peer: () => peer(n),
      maxRatio,
    };
  });
}

// wasm-host.md section 6.5: the targets are those of the geometric means.
export const wasmMeterCases: readonly RatioCase[] = [
  ...kernelCases("fuel", 1.3),
  ...kernelCases("growth", 1.03),
];

const mean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

/** One row for all kernels of a kind: the geometric mean of their ratios. */
export function meanOfKernels(results: readonly RatioResult[]): readonly RatioResult[] {
  return (["fuel", "growth"] as const).flatMap((how) => {
    const rows = results.filter(
      ({ name }) => /^wasm-meter: \w+ with (\w+)/u.exec(name)?.[1] === how,
    );
    const [first] = rows;
    if (first === undefined) return [];
    const oursNs = mean(rows.map((row) => row.oursNs));
    const peerNs = mean(rows.map((row) => row.peerNs));
    const name = `wasm-meter: geometric mean of ${rows.length} kernels with ${how} counted`;
    return [summarise(name, first.maxRatio, [{ oursNs, peerNs }])];
  });
}

/** Ten megabytes in a second, on a module so small that what each module costs once counts, too. */
export const wasmMeterLimits: readonly LimitCase[] = [
  {
    name: "wasm-meter: guard and rewriting of the kernels, at 10 MB/s",
    agree: () => meterModule(bytes, { fuel: true }).bytes.length > bytes.length,
    work: () => meterModule(bytes, { fuel: true }),
    maxNs: bytes.length * 100,
    iterations: 500,
  },
];
