import { readdirSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { count } from "@sigilrt/testing/counts";
import { createWasmHost, WasmError, type WasmHost, type WasmModule } from "@sigilrt/wasm-host";
import { expect, it } from "vitest";
import { readWasmFixture } from "./wasm-fixture-files.ts";

const poisoned = count("poisoned");
/** What is made once for all is there after these. */
const WARM = 24;
/** What the heap may settle by, however often it runs: over 10,000 instances, 4 KiB left of each are more. */
const ROOM_BYTES = 33_554_432;
/** Longer than any call of a neighbour may take while others are stopped. */
const NEIGHBOUR_MS = 5_000;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

interface Held {
  readonly descriptors: number;
  readonly threads: number;
  readonly residentBytes: number;
}

async function held(): Promise<Held> {
  for (let turn = 0; turn < 10; turn += 1) {
    collect();
    // oxlint-disable-next-line no-await-in-loop -- what was closed lets go of its handles in later turns
    await setImmediate();
  }
  return {
    descriptors: readdirSync("/proc/self/fd").length,
    threads: readdirSync("/proc/self/task").length,
    residentBytes: process.memoryUsage().rss,
  };
}

/** Ways of a guest to end as no guest should, and what is told of each. */
const ways: readonly (readonly [string, string, readonly number[], object?])[] = [
  ["CALL_TRAPPED", "crash", []],
  ["FUEL_EXHAUSTED", "slow", [0]],
  ["TIMEOUT", "slow", [0], { timeoutMs: 20, fuelLimit: Number.MAX_SAFE_INTEGER }],
  ["CALL_TRAPPED", "descend", [1_000_000_000], { fuelLimit: Number.MAX_SAFE_INTEGER }],
];

async function poison(host: WasmHost, bytes: Uint8Array, turn: number): Promise<void> {
  const [code, name, args, limits] = ways[turn % ways.length] ?? ["", "", []];
  await using module = await host.loadModule("poisoned", bytes);
  const call = module.call(name, args, { fuelLimit: 1_000_000, ...limits });
  await expect(call).rejects.toMatchObject({ code, phase: "call" });
}

/** Calls without end; each call has its deadline, and one that misses it fails. */
async function callOn(neighbour: WasmModule, until: AbortSignal): Promise<number> {
  let calls = 0;
  while (!until.aborted) {
    // oxlint-disable-next-line no-await-in-loop -- one call after the other
    const { values } = await neighbour.call("echo", [calls], { timeoutMs: NEIGHBOUR_MS });
    expect(values).toEqual([calls]);
    calls += 1;
    // oxlint-disable-next-line no-await-in-loop -- the host has others to hear
    await setImmediate();
  }
  return calls;
}

it(`leaves nothing of ${poisoned} poisoned instances, and their neighbour answers in time`, async () => {
  const bytes = readWasmFixture("plugin.wasm");
  await using host = createWasmHost({
    isolation: "worker",
    timeoutMs: 60_000,
    fuelLimit: Number.MAX_SAFE_INTEGER,
  });
  const neighbour = await host.loadModule("neighbour", bytes);
  for (let turn = 0; turn < WARM; turn += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one instance after the other
    await poison(host, bytes, turn);
  }
  const first = await held();
  const over = new AbortController();
  const calling = callOn(neighbour, over.signal);
  for (let turn = 0; turn < poisoned; turn += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one instance after the other
    await poison(host, bytes, turn);
  }
  over.abort();
  expect(await calling).toBeGreaterThan(0);
  const { workers, kills } = host.stats();
  expect(workers).toEqual({ blank: 1, idle: 1, busy: 0, ending: 0 });
  expect(kills).toBe(WARM + poisoned);
  const last = await held();
  expect(Math.abs(last.descriptors - first.descriptors)).toBeLessThanOrEqual(2);
  expect(last.threads).toBeLessThanOrEqual(first.threads + 1);
  expect(last.residentBytes).toBeLessThanOrEqual(first.residentBytes + ROOM_BYTES);
});

it("refuses the 257th instance, and the others go on", async () => {
  const component = readWasmFixture("guest-c.wasm");
  const answer = readWasmFixture("answer.wasm");
  await using host = createWasmHost({
    isolation: "worker",
    timeoutMs: 60_000,
    limits: { workers: 100 },
    pool: { spares: 0 },
  });
  const options = { decide: () => Promise.resolve(false), imports: {} };
  // Three core instances each: 255 in all.
  const components = [];
  for (let each = 0; each < 85; each += 1) {
    // oxlint-disable-next-line no-await-in-loop -- a machine has few cores for their starts
    components.push(await host.loadComponent(`c${each}`, component, options));
  }
  const last = await host.loadModule("last", answer);
  const refused = host.loadModule("one more", answer);
  await expect(refused).rejects.toBeInstanceOf(WasmError);
  await expect(refused).rejects.toMatchObject({ code: "LIMIT", limit: "instances" });
  expect((await last.call("answer")).values).toEqual([42]);
  const answers = await Promise.all(components.map((each, at) => each.call("echo", `${at}`)));
  expect(answers).toMatchObject(components.map((_, at) => ({ json: `${at}` })));
  await last.close();
  await using next = await host.loadModule("in its place", answer);
  expect((await next.call("answer")).values).toEqual([42]);
});
