import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { createWasmHost, type LoadComponentOptions } from "@sigilrt/wasm-host";
import type { RatioResult } from "./ratio.ts";

/** Work whose time has a target of its own. */
export interface TimeCase {
  readonly name: string;
  /** The most that it should take, in nanoseconds. */
  readonly maxNs: number;
  /** How often it is measured. */
  readonly rounds: number;
  /** Does the work once and answers the nanoseconds that count. */
  readonly open: () => Promise<AsyncDisposable & { once(): Promise<number> }>;
}

const fixture = (name: string): Uint8Array =>
  new Uint8Array(
    readFileSync(new URL(`../../conformance/fixtures/wasm/${name}.wasm`, import.meta.url)),
  );

const options: LoadComponentOptions = { decide: () => Promise.resolve(false), imports: {} };
const MS = 1_000_000;
const DEADLINE_MS = 50;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start);
}

/** wasm-host.md section 15: what is counted in milliseconds. */
export const timeCases: readonly TimeCase[] = [
  {
    name: "wasm-host: an endless loop is stopped, from its deadline on",
    maxNs: 10 * MS,
    rounds: 21,
    async open() {
      const host = createWasmHost({ isolation: "worker" });
      const bytes = fixture("plugin");
      return {
        async once() {
          await using module = await host.loadModule("loop", bytes);
          const call = module.call("slow", [0], { timeoutMs: DEADLINE_MS });
          const ns = await timed(() => call.catch(() => undefined));
          return ns - DEADLINE_MS * MS;
        },
        [Symbol.asyncDispose]: () => host.close(),
      };
    },
  },
  {
    name: "wasm-host: first call of a small component from cache, a blank Worker ready",
    maxNs: 15 * MS,
    rounds: 21,
    async open() {
      const host = createWasmHost({ isolation: "worker" });
      const bytes = fixture("guest-c");
      await (await host.loadComponent("first", bytes, options)).close();
      return {
        async once() {
          // Nothing tells when a blank Worker has come up.
          await setTimeout(500);
          const start = process.hrtime.bigint();
          await using component = await host.loadComponent("cold", bytes, options);
          await component.call("echo", "1");
          return Number(process.hrtime.bigint() - start);
        },
        [Symbol.asyncDispose]: () => host.close(),
      };
    },
  },
  {
    name: "wasm-host: call of an instance that is warm",
    maxNs: MS,
    rounds: 201,
    async open() {
      const host = createWasmHost({ isolation: "worker" });
      const component = await host.loadComponent("warm", fixture("guest-c"), options);
      return {
        once: () => timed(() => component.call("echo", "1")),
        [Symbol.asyncDispose]: () => host.close(),
      };
    },
  },
];

/** Measures one after the other; the median counts. */
export async function measureTime({ name, maxNs, rounds, open }: TimeCase): Promise<RatioResult> {
  await using subject = await open();
  const samples: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other is what is measured
    samples.push(await subject.once());
  }
  samples.sort((one, other) => one - other);
  const at = (share: number): number => samples[Math.floor(samples.length * share)] ?? Number.NaN;
  const oursNs = at(0.5);
  const ratio = oursNs / maxNs;
  const spread = (at(0.75) - at(0.25)) / maxNs;
  return { name, oursNs, peerNs: maxNs, ratio, spread, maxRatio: 1, passed: ratio <= 1 };
}
