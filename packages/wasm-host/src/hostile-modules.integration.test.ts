import { describe, expect, it } from "vitest";
import { failureOf, offeredImport as offered, withHost } from "./fixtures/attack.ts";
import { fixture } from "./fixtures/fixture-files.ts";
import { coreModule, named, section } from "./fixtures/module-bytes.ts";
import { createWasmHost } from "./wasm-host.ts";
import type { ModuleImport } from "./wasm-module.ts";

describe("row by row", () => {
  it("1 ends an infinite loop at its deadline and replaces the Worker", async () => {
    await withHost({}, async (host) => {
      const module = await host.loadModule("m", fixture("plugin"));
      expect(await failureOf(module.call("slow", [0], { timeoutMs: 300 }))).toMatchObject({
        code: "TIMEOUT",
        phase: "call",
      });
      expect((await module.call("echo", [7])).values).toEqual([7]);
      expect(host.stats()).toMatchObject({ kills: 1, replacements: 1 });
    });
  });

  it("3 ends a start function that loops", async () => {
    await withHost({ timeoutMs: 300 }, async (host) => {
      expect(await failureOf(host.loadModule("m", fixture("silent")))).toMatchObject({
        code: "TIMEOUT",
        phase: "start",
      });
      expect(host.stats().workers).toMatchObject({ idle: 0, busy: 0, ending: 0 });
    });
  });

  it("10 answers -1 to growth beyond the limit, at exactly the limit", async () => {
    await withHost({ limits: { memory_bytes: 64 * 65_536 } }, async (host) => {
      const module = await host.loadModule("m", fixture("plugin"));
      expect((await module.call("grow")).values).toEqual([64]);
    });
  });

  it("18 loads a module with garbage in its name section", async () => {
    await withHost({}, async (host) => {
      const garbage = section(0, ...named("name"), 0xff, 0xff, 0xff);
      const module = await host.loadModule("m", coreModule(garbage));
      expect(module.exports).toEqual([]);
    });
  });

  it.each(["segment-outside", "trap-in-start"])("19 fails the start of %s", async (name) => {
    await withHost({}, async (host) => {
      expect(await failureOf(host.loadModule("m", fixture(name)))).toMatchObject({
        code: "START_FAILED",
        phase: "start",
      });
      expect(host.stats().workers).toMatchObject({ idle: 0, busy: 0, ending: 0 });
    });
  });

  it("20 refuses one guest more than there are Workers, and loses none", async () => {
    await withHost({ limits: { workers: 4 } }, async (host) => {
      const modules = await Promise.all(
        [1, 2, 3].map((each) => host.loadModule(`m${each}`, fixture("plugin"))),
      );
      await using last = await host.loadModule("last", fixture("answer"));
      expect(await failureOf(host.loadModule("more", fixture("plugin")))).toMatchObject({
        code: "CAPACITY",
        limit: "workers",
      });
      const answers = await Promise.all(modules.map((module, at) => module.call("echo", [at])));
      expect(answers.map(({ values }) => values)).toEqual([[0], [1], [2]]);
      expect((await last.call("answer")).values).toEqual([42]);
    });
  });

  it("20 refuses one instance more than the limit", async () => {
    await withHost({ limits: { instances: 2 } }, async (host) => {
      await using first = await host.loadModule("a", fixture("answer"));
      const second = await host.loadModule("b", fixture("answer"));
      expect(await failureOf(host.loadModule("c", fixture("answer")))).toMatchObject({
        code: "LIMIT",
        limit: "instances",
      });
      await second.close();
      expect((await first.call("answer")).values).toEqual([42]);
    });
  });

  it("24 and 25 calls exports named then, __proto__ and constructor, and knows no other", async () => {
    await withHost({}, async (host) => {
      const module = await host.loadModule("m", fixture("plugin"));
      expect((await module.call("__proto__")).values).toEqual([1]);
      expect((await module.call("constructor")).values).toEqual([2]);
      expect((await module.call("then")).values).toEqual([3]);
      for (const name of ["toString", "hasOwnProperty", "memory", ""]) {
        // oxlint-disable-next-line no-await-in-loop -- one name after the other
        expect(await failureOf(module.call(name))).toMatchObject({
          code: "EXPORT_MISSING",
          phase: "call",
        });
      }
    });
  });

  it.each([
    ["crash", [], "unreachable"],
    ["divide", [0], "divide_by_zero"],
    ["smallest", [-1], "integer_overflow"],
    ["load", [65_533], "out_of_bounds"],
    ["truncate", [1e300], "integer_overflow"],
    ["indirect", [0], "indirect_call"],
    ["indirect", [5], "out_of_bounds"],
    ["descend", [0], "stack_exhausted"],
  ] as const)("28 tells the trap of %s(%j) as %s", async (name, args, trap) => {
    await withHost({}, async (host) => {
      const module = await host.loadModule("m", fixture("plugin"));
      expect(await failureOf(module.call(name, args))).toMatchObject({
        code: "CALL_TRAPPED",
        phase: "call",
        trap,
      });
    });
  });

  it("29 gives a fresh state after a trap, and keeps it before", async () => {
    await withHost({}, async (host) => {
      const module = await host.loadModule("m", fixture("plugin"));
      expect((await module.call("count")).values).toEqual([1]);
      expect((await module.call("count")).values).toEqual([2]);
      await failureOf(module.call("crash"));
      expect((await module.call("count")).values).toEqual([1]);
    });
  });

  it("34 refuses a call of the same instance from its own import", async () => {
    await withHost({}, async (host) => {
      const inner: unknown[] = [];
      const module = await host.loadModule("m", fixture("asks"), {
        imports: {
          host: {
            ask: offered(async () => {
              inner.push(await failureOf(module.call("ask", [1])));
              return [9];
            }),
          },
        },
      });
      expect((await module.call("ask", [1])).values).toEqual([9]);
      expect(inner).toMatchObject([{ code: "LIMIT", limit: "reentrancy" }]);
    });
  });

  it("35 ends a call whose import never answers, fires its signal and drops the late answer", async () => {
    await withHost({}, async (host) => {
      const late = Promise.withResolvers<readonly number[]>();
      const signals: AbortSignal[] = [];
      const module = await host.loadModule("m", fixture("asks"), {
        imports: {
          host: {
            ask: offered(async ([first], { signal }) => {
              signals.push(signal);
              return first === 1 ? await late.promise : [5];
            }),
          },
        },
      });
      expect(await failureOf(module.call("ask", [1], { timeoutMs: 300 }))).toMatchObject({
        code: "TIMEOUT",
      });
      expect(signals[0]?.aborted).toBe(true);
      late.resolve([77]);
      expect((await module.call("ask", [2])).values).toEqual([5]);
    });
  });

  it("36 ends a call that asks its imports too often", async () => {
    await withHost({ limits: { host_calls: 100 } }, async (host) => {
      let asked = 0;
      const module = await host.loadModule("m", fixture("asks"), {
        imports: {
          host: {
            ask: offered(async () => {
              asked += 1;
              return [0];
            }),
          },
        },
      });
      expect((await module.call("ask_often", [100])).values).toEqual([0]);
      expect(await failureOf(module.call("ask_often", [101]))).toMatchObject({
        code: "LIMIT",
        limit: "host_calls",
      });
      expect(asked).toBe(200);
    });
  });

  it.each([
    ["false", async () => false],
    ["a value that is not true", (async () => "yes") as unknown as () => Promise<boolean>],
    ["an error", async () => await Promise.reject(new Error("no"))],
  ])("37 denies an import when the decision is %s", async (_, decide) => {
    await withHost({}, async (host) => {
      let asked = 0;
      const ask: ModuleImport = {
        ...offered(async () => {
          asked += 1;
          return [0];
        }),
        capability: "clock.read",
      };
      const module = await host.loadModule("m", fixture("asks"), {
        imports: { host: { ask } },
        decide,
      });
      expect(await failureOf(module.call("ask", [1]))).toMatchObject({
        code: "DENIED",
        phase: "call",
      });
      expect(asked).toBe(0);
    });
  });

  it.each([
    ["too few values", async () => []],
    ["a value of another type", async () => [1.5]],
    ["a rejection", async () => await Promise.reject(new Error("secret"))],
  ])("38 ends a call whose provider answers %s", async (_, call) => {
    await withHost({}, async (host) => {
      const module = await host.loadModule("m", fixture("asks"), {
        imports: { host: { ask: offered(call) } },
      });
      const failure = await failureOf(module.call("ask", [1]));
      expect(failure).toMatchObject({ code: "CALL_TRAPPED", trap: "other" });
      expect(failure.message).not.toContain("secret");
    });
  });

  it("39 answers NaN as NaN", async () => {
    await withHost({}, async (host) => {
      const module = await host.loadModule("m", fixture("plugin"));
      expect((await module.call("half", [Number.NaN])).values).toEqual([Number.NaN]);
    });
  });

  it("40 cancels before, during and while it waits, once each", async () => {
    await withHost({}, async (host) => {
      const gone = { signal: AbortSignal.abort() };
      const bytes = fixture("plugin");
      expect(await failureOf(host.loadModule("m", bytes, gone))).toMatchObject({
        code: "CANCELLED",
      });
      const module = await host.loadModule("m", bytes);
      expect(await failureOf(module.call("echo", [1], gone))).toMatchObject({ code: "CANCELLED" });
      const abort = new AbortController();
      const calls = [1, 2].map(() => failureOf(module.call("slow", [0], abort)));
      const behind = module.call("echo", [3]);
      abort.abort();
      expect(await Promise.all(calls)).toMatchObject([
        { code: "CANCELLED" },
        { code: "CANCELLED" },
      ]);
      expect((await behind).values).toEqual([3]);
    });
  });
});

describe("core modules", () => {
  const empty = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);

  it("loads the 8-byte module with and without fuel, keeps the limit and closes twice", async () => {
    for (const options of [{}, { fuelLimit: 1_000 }]) {
      const host = createWasmHost({ isolation: "worker", ...options });
      // oxlint-disable-next-line no-await-in-loop -- one host after the other
      const module = await host.loadModule("empty", empty);
      expect(module.exports).toEqual([]);
      expect(host.fuelLimit).toBe(Object.values(options)[0]);
      // oxlint-disable-next-line no-await-in-loop -- see above
      await Promise.all([host.close(), host.close()]);
      // oxlint-disable-next-line no-await-in-loop -- see above
      expect(await failureOf(host.loadModule("empty", empty))).toMatchObject({ code: "CLOSED" });
    }
  });

  it("takes arguments of exactly the declared types", async () => {
    await withHost({}, async (host) => {
      const module = await host.loadModule("m", fixture("plugin"));
      expect((await module.call("echo64", [2n ** 63n - 1n])).values).toEqual([2n ** 63n - 1n]);
      for (const [fn, args] of [
        ["echo", []],
        ["echo", [1, 2]],
        ["echo", [1n]],
        ["echo", [1.5]],
        ["echo64", [1]],
        ["half", [1n]],
      ] as const) {
        // oxlint-disable-next-line no-await-in-loop -- one mistake after the other
        expect(await failureOf(module.call(fn, args))).toBeInstanceOf(TypeError);
      }
      expect(await failureOf(module.call("reference"))).toMatchObject({
        code: "UNSUPPORTED",
        feature: "signature",
      });
    });
  });

  it("lowers limits for one load or call and never raises them", async () => {
    await withHost({ timeoutMs: 2_000 }, async (host) => {
      const bytes = fixture("plugin");
      const small = await host.loadModule("m", bytes, { limits: { memory_bytes: 131_072 } });
      expect((await small.call("grow")).values).toEqual([2]);
      const raised = host.loadModule("m", bytes, { limits: { memory_bytes: 2 ** 30 } });
      expect(await failureOf(raised)).toBeInstanceOf(RangeError);
      expect(await failureOf(small.call("echo", [1], { timeoutMs: 3_000 }))).toBeInstanceOf(
        RangeError,
      );
      const call = small.call("slow", [0], { timeoutMs: 50 });
      expect(await failureOf(call)).toMatchObject({ code: "TIMEOUT" });
    });
  });

  it("refuses the call behind a full queue and nothing else", async () => {
    await withHost({ limits: { queue: 2 } }, async (host) => {
      const module = await host.loadModule("m", fixture("plugin"));
      const calls = [1, 2, 3, 4].map((each) => failureOf(module.call("echo", [each])));
      const ended = (await Promise.all(calls)).map(({ code, limit }) => [code, limit]);
      expect(ended).toEqual([
        ["no failure", undefined],
        ["no failure", undefined],
        ["no failure", undefined],
        ["LIMIT", "queue"],
      ]);
    });
  });

  it("compiles the same bytes once", async () => {
    await withHost({}, async (host) => {
      await host.loadModule("a", fixture("plugin"));
      await host.loadModule("b", fixture("plugin"));
      expect(host.stats().cacheHits).toBe(1);
    });
  });

  it("fails what runs and what waits with CLOSED when it is closed", async () => {
    await withHost({}, async (host) => {
      const module = await host.loadModule("m", fixture("plugin"));
      const calls = [failureOf(module.call("slow", [0])), failureOf(module.call("echo", [1]))];
      await module.close();
      expect(await Promise.all(calls)).toMatchObject([{ code: "CLOSED" }, { code: "CLOSED" }]);
      expect(await failureOf(module.call("echo", [1]))).toMatchObject({ code: "CLOSED" });
    });
  });

  it("wants a decision for an import that names a capability", async () => {
    await withHost({}, async (host) => {
      const ask = { ...offered(async () => [1]), capability: "clock.read" };
      const load = host.loadModule("m", fixture("asks"), { imports: { host: { ask } } });
      expect(await failureOf(load)).toBeInstanceOf(TypeError);
      const other = { ...ask, results: ["i64"] as const };
      const mistyped = host.loadModule("m", fixture("asks"), { imports: { host: { ask: other } } });
      expect(await failureOf(mistyped)).toMatchObject({ code: "IMPORT_REFUSED" });
    });
  });

  it("gives up on a guest that failed eight times within a minute", async () => {
    let now = 0;
    await withHost({ clock: { now: () => now } }, async (host) => {
      const module = await host.loadModule("m", fixture("plugin"));
      for (let failure = 0; failure < 8; failure += 1) {
        // Seven seconds apart: all within the minute.
        now += 7_000;
        // oxlint-disable-next-line no-await-in-loop -- one failure after the other
        expect(await failureOf(module.call("crash"))).toMatchObject({ code: "CALL_TRAPPED" });
      }
      expect(await failureOf(module.call("echo", [1]))).toMatchObject({ code: "WORKER_LOST" });
    });
  });
});

it("refuses what this version does not have, and wrong options", () => {
  const refused = (options: object): unknown => {
    try {
      return createWasmHost({ isolation: "worker", ...options });
    } catch (error) {
      return error;
    }
  };
  for (const [options, feature] of [
    [{ isolation: "process" }, "process_isolation"],
    [{ runner: {} }, "process_isolation"],
    [{ cache: {} }, "cache"],
    [{ profile: "deterministic" }, "deterministic"],
    [{ features: ["threads"] }, "threads"],
  ] as const) {
    expect(refused(options)).toMatchObject({ code: "UNSUPPORTED", feature });
  }
  for (const options of [{ isolation: undefined }, { isolation: "none" }, { profile: "fast" }]) {
    expect(refused(options)).toBeInstanceOf(TypeError);
  }
  expect(refused({ limits: { fuel: 1 } })).toBeInstanceOf(TypeError);
  for (const options of [
    { fuelLimit: 0 },
    { fuelLimit: 2 ** 53 },
    { fuelLimit: 1.5 },
    { timeoutMs: 0 },
    { limits: { instances: 8_193 } },
    { limits: { queue: 0 } },
    { pool: { spares: -1 } },
    { pool: { maxWorkers: 65 } },
    { pool: { idleMs: 0 } },
  ]) {
    expect(refused(options)).toBeInstanceOf(RangeError);
  }
});
