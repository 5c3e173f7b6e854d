import { describe, expect, it } from "vitest";
import { failureOf, offeredImport, withHost } from "./fixtures/attack.ts";
import { fixture } from "./fixtures/fixture-files.ts";
import type { ModuleImport } from "./wasm-module.ts";
import { createWasmHost, type WasmHost } from "./wasm-host.ts";

const PAGE = 65_536;

const ask = (call: ModuleImport["call"] = async () => [9]): object => ({
  imports: { host: { ask: offeredImport(call) } },
});

const loadFuel = (host: WasmHost, options: object = {}): ReturnType<WasmHost["loadModule"]> =>
  host.loadModule("fuel", fixture("fuel"), { ...ask(), ...options });

const stopped = { code: "FUEL_EXHAUSTED", phase: "call" };
const fuelled = { fuelLimit: 1_000_000, limits: { memory_bytes: 16 * PAGE } };

describe("fuel", () => {
  it.each([
    ["1 and 2", "spin", []],
    ["4", "tail", [0]],
    ["7", "fill", [65_536]],
    ["7", "copy", [65_536]],
    ["7 of length 2^32-1", "fill_once", [0xffff_ffff]],
    ["9", "switch", [0]],
    ["9", "switch", [1]],
    ["9", "switch", [2]],
    ["9", "switch", [3]],
  ] as const)("stops row %s: %s(%j)", async (_, name, args) => {
    await withHost(fuelled, async (host) => {
      const module = await loadFuel(host);
      expect(await failureOf(module.call(name, args))).toMatchObject({
        ...stopped,
        fuelUsedAtLeast: 1_000_000,
      });
      // Row 29: the state is fresh, and the fuel is whole.
      expect((await module.call("add", [1, 2])).fuelUsed).toBe(3);
    });
  });

  it("stops 4 a recursion through a table, and without fuel the stack does", async () => {
    await withHost({ fuelLimit: 20_000 }, async (host) => {
      const module = await loadFuel(host);
      expect(await failureOf(module.call("ping", [0]))).toMatchObject(stopped);
    });
    await withHost({}, async (host) => {
      const module = await loadFuel(host);
      expect(await failureOf(module.call("ping", [0]))).toMatchObject({
        code: "CALL_TRAPPED",
        trap: "stack_exhausted",
      });
    });
  });

  it("lets 7 a bulk operation out of bounds trap where there is fuel for its length", async () => {
    await withHost({ fuelLimit: Number.MAX_SAFE_INTEGER }, async (host) => {
      const module = await loadFuel(host);
      expect(await failureOf(module.call("fill_once", [0xffff_ffff]))).toMatchObject({
        code: "CALL_TRAPPED",
        trap: "out_of_bounds",
      });
    });
  });

  it("stops 3 a start function that loops, in phase start", async () => {
    await withHost({ fuelLimit: 1_000 }, async (host) => {
      expect(await failureOf(host.loadModule("m", fixture("silent")))).toMatchObject({
        code: "FUEL_EXHAUSTED",
        phase: "start",
      });
      expect(host.stats().workers).toMatchObject({ idle: 0, busy: 0, ending: 0 });
    });
  });

  it("lets active segments pay before the first instruction", async () => {
    // 32 bytes of data cost two; two elements cost nothing.
    await withHost({}, async (host) => {
      expect(await failureOf(loadFuel(host, { fuelLimit: 1 }))).toMatchObject({
        code: "FUEL_EXHAUSTED",
        phase: "start",
      });
      await loadFuel(host, { fuelLimit: 2 });
    });
  });

  it("admits exactly the calls whose charges come to the limit", async () => {
    await withHost(fuelled, async (host) => {
      const module = await loadFuel(host);
      const { fuelUsed = 0 } = await module.call("count_down", [10]);
      expect(fuelUsed).toBe(1 + 5 * 10);
      expect((await module.call("count_down", [10], { fuelLimit: fuelUsed })).fuelUsed).toBe(51);
      const short = module.call("count_down", [10], { fuelLimit: fuelUsed - 1 });
      expect(await failureOf(short)).toMatchObject({ ...stopped, fuelUsedAtLeast: 50 });
    });
  });

  it("charges lengths and growth by the table", async () => {
    await withHost({ ...fuelled, fuelLimit: 100_000_000 }, async (host) => {
      const module = await loadFuel(host);
      const used = async (name: string, arg: number): Promise<number | undefined> =>
        (await module.call(name, [arg])).fuelUsed;
      expect(await used("fill_once", 0)).toBe(3 + 8);
      expect(await used("fill_once", 31)).toBe(3 + 8 + 1);
      expect(await used("fill_once", 32)).toBe(3 + 8 + 2);
      expect(await used("grow_by", 2)).toBe(1 + 16 + 2_048);
      expect(await used("grow_table", 5)).toBe(2 + 8 + 5);
      // Charged before the effect: what is refused costs as much.
      expect((await module.call("grow_by", [1_000])).values).toEqual([-1]);
      expect(await used("grow_by", 1_000)).toBe(1 + 16 + 1_024_000);
    });
  });

  it("charges a call of the host with both directions, and stops before the answer is handed over", async () => {
    let asked = 0;
    const provider = ask(async () => {
      asked += 1;
      return [9];
    });
    await withHost({}, async (host) => {
      const module = await loadFuel(host, { ...provider, fuelLimit: 100_000 });
      // 1 + 4 for the instructions, 1,000 and one for sixteen bytes.
      expect((await module.call("ask", [1])).fuelUsed).toBe(1_006);
      expect(await failureOf(module.call("ask", [1], { fuelLimit: 1_004 }))).toMatchObject(stopped);
      expect(asked).toBe(1);
      expect(await failureOf(module.call("ask", [1], { fuelLimit: 1_005 }))).toMatchObject(stopped);
      expect(asked).toBe(2);
      expect((await module.call("ask", [1], { fuelLimit: 1_006 })).values).toEqual([9]);
    });
  });

  it.skipIf(Number(process.versions.node.split(".")[0]) < 24)(
    "stops 5 a loop inside of a handler, and a handler that swallows the stop (Node 24)",
    async () => {
      await withHost(fuelled, async (host) => {
        const module = await host.loadModule("handlers", fixture("handlers"), ask());
        expect(await failureOf(module.call("catch_all"))).toMatchObject(stopped);
        expect((await module.call("swallow", [1])).values).toEqual([9]);
        const short = module.call("swallow", [1], { fuelLimit: 900 });
        expect(await failureOf(short)).toMatchObject(stopped);
        // No run follows that would find the counter negative.
        const free = module.call("swallow_free", [1], { fuelLimit: 900 });
        expect(await failureOf(free)).toMatchObject(stopped);
        expect(await failureOf(module.call("uncaught"))).toMatchObject({
          code: "CALL_TRAPPED",
          trap: "uncaught_exception",
        });
      });
    },
  );

  it("lowers the limit for a load or a call and never raises it", async () => {
    await withHost({ fuelLimit: 1_000 }, async (host) => {
      const raised = loadFuel(host, { fuelLimit: 1_001 });
      expect(await failureOf(raised)).toBeInstanceOf(RangeError);
      const module = await loadFuel(host, { fuelLimit: 500 });
      for (const fuelLimit of [501, 0, 1.5, -1]) {
        // oxlint-disable-next-line no-await-in-loop -- one mistake after the other
        expect(await failureOf(module.call("add", [1, 2], { fuelLimit }))).toBeInstanceOf(
          RangeError,
        );
      }
      expect(await failureOf(module.call("count_down", [100]))).toMatchObject({
        ...stopped,
        fuelUsedAtLeast: 500,
      });
      expect(await failureOf(module.call("add", [1, 2], { fuelLimit: 2 }))).toMatchObject(stopped);
      expect((await module.call("add", [1, 2], { fuelLimit: 3 })).values).toEqual([3]);
    });
  });

  it("answers no fuel where none was counted, and refuses to count a guest that was loaded without", async () => {
    await withHost({}, async (host) => {
      const module = await loadFuel(host);
      expect(await module.call("add", [1, 2])).not.toHaveProperty("fuelUsed");
      expect(await failureOf(module.call("add", [1, 2], { fuelLimit: 10 }))).toMatchObject({
        code: "UNSUPPORTED",
        feature: "fuel",
      });
      const counted = await loadFuel(host, { fuelLimit: 10 });
      expect((await counted.call("add", [1, 2])).fuelUsed).toBe(3);
    });
  });

  it("marks what a trap used as a lower bound", async () => {
    await withHost(fuelled, async (host) => {
      const module = await host.loadModule("m", fixture("plugin"));
      const trapped = await failureOf(module.call("divide", [0]));
      expect(trapped).toMatchObject({ code: "CALL_TRAPPED", fuelUsedAtLeast: 6 });
    });
  });
});

describe("growth", () => {
  it("ends 10 at the limit with -1, and a trap after it as MEMORY_EXCEEDED, with fuel and without", async () => {
    for (const fuel of [{}, { fuelLimit: 10_000_000 }]) {
      const limits = { memory_bytes: 8 * PAGE, table_elements: 1_000 };
      // oxlint-disable-next-line no-await-in-loop -- one host after the other
      await withHost({ ...fuel, limits }, async (host) => {
        const module = await loadFuel(host);
        expect((await module.call("grow_by", [7])).values).toEqual([1]);
        expect((await module.call("grow_by", [1])).values).toEqual([-1]);
        expect((await module.call("grow_by", [0])).values).toEqual([8]);
        // 13: two elements, and then a hundred at a time.
        expect((await module.call("grow_table_often")).values).toEqual([902]);
        expect(await failureOf(module.call("grow_then_crash"))).toMatchObject({
          code: "MEMORY_EXCEEDED",
          phase: "call",
        });
        // What was refused in one call is not held against the next.
        expect((await module.call("grow_by", [1_000])).values).toEqual([-1]);
        expect((await module.call("add", [1, 2])).values).toEqual([3]);
      });
    }
  });

  it("12 sees the grown memory after a call of the host", async () => {
    await withHost(fuelled, async (host) => {
      const module = await loadFuel(host);
      expect((await module.call("ask_after_growth")).values).toEqual([9]);
    });
  });

  it("counts two hosts apart", async () => {
    await using one = createWasmHost({ isolation: "worker", limits: { memory_bytes: 2 * PAGE } });
    await using two = createWasmHost({ isolation: "worker", limits: { memory_bytes: 4 * PAGE } });
    const modules = [await loadFuel(one), await loadFuel(two)];
    const grown = await Promise.all(modules.map((module) => module.call("grow_by", [2])));
    expect(grown.map(({ values }) => values)).toEqual([[-1], [1]]);
  });
});
