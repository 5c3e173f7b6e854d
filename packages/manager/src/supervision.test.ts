import { acceptUnverified } from "@sigilrt/integrity";
import type { PluginManager, PluginManagerOptions } from "@sigilrt/manager";
import { describe, expect, it } from "vitest";
import {
  calling,
  everybody,
  manifestOf,
  openWorkbench,
  type Workbench,
} from "./fixtures/workbench.ts";

const never = new Promise<never>(() => undefined);
const still =
  "health: {interval: 0s}\nlifecycle: {scope: shared, idle_stop: 0s}\nresources: {timeouts: {call: 1h, idle: 1h}}\n";

interface Bench extends Workbench {
  readonly run: PluginManager;
  /** Ends the instance that runs, as a crash. */
  crash(): Promise<void>;
  /** Calls, and answers after how many milliseconds of the clock an instance was started for it. */
  delayOfNext(): Promise<number>;
}

async function openBench(options: Partial<PluginManagerOptions> = {}): Promise<Bench> {
  const bench = openWorkbench({
    plugin: () => ({
      tools: {
        async *echo() {
          yield await Promise.resolve({ kind: "result", isError: false } as const);
        },
        async *hang() {
          yield await never;
        },
      },
    }),
  });
  bench.plugin("demo", manifestOf("demo", still));
  const run = bench.manager({
    verifier: acceptUnverified(),
    random: () => 0.999_999_999,
    limits: { queueMs: 3_600_000 },
    ...options,
  });
  await run.discover();
  return Object.assign(bench, {
    run,
    crash: async () => {
      for (const id of bench.host.running) bench.host.crash(id);
      await bench.clock.advance(0);
    },
    delayOfNext: async () => {
      const before = { starts: bench.host.starts.length, at: bench.clock.now() };
      const call = run.call(calling("demo"));
      await bench.clock.advance(0);
      while (bench.host.starts.length === before.starts) {
        // oxlint-disable-next-line no-await-in-loop -- one millisecond after the other
        await bench.clock.advance(1);
      }
      await call;
      return bench.clock.now() - before.at;
    },
  });
}

describe("a crash loop", () => {
  it("is answered with growing delays, exactly, and with quarantine after the limit", async () => {
    await using bench = await openBench();
    const delays: number[] = [await bench.delayOfNext()];
    for (let crash = 0; crash < 4; crash += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one crash after the other
      await bench.crash();
      // oxlint-disable-next-line no-await-in-loop -- as above
      delays.push(await bench.delayOfNext());
    }
    expect(delays).toEqual([0, 499, 999, 1_999, 3_999]);
    await bench.crash();
    const quarantined = { kind: "unavailable", reason: "quarantined" };
    expect(await bench.run.call(calling("demo"))).toEqual(quarantined);
    await bench.clock.advance(86_400_000);
    expect(await bench.run.call(calling("demo"))).toEqual(quarantined);
    expect(bench.host.starts).toHaveLength(5);
  });

  it("is forgotten after a minute of uninterrupted running, and by no start", async () => {
    await using bench = await openBench({ restart: { quarantineAfter: 100 } });
    await bench.delayOfNext();
    await bench.crash();
    await bench.delayOfNext();
    await bench.clock.advance(59_999);
    await bench.crash();
    expect(await bench.delayOfNext()).toBe(999);
    await bench.clock.advance(60_000);
    await bench.crash();
    expect(await bench.delayOfNext()).toBe(499);
  });

  it("lets no caller wait who would wait too long, and tells when to come again", async () => {
    await using bench = await openBench({ limits: { queueMs: 200 } });
    await bench.run.call(calling("demo"));
    await bench.crash();
    await bench.clock.advance(200);
    expect(await bench.run.call(calling("demo"))).toEqual({
      kind: "unavailable",
      reason: "crashed",
      retryAfterMs: 299,
    });
    await bench.clock.advance(200);
    const patient = bench.run.call(calling("demo"));
    await bench.clock.advance(99);
    expect(await patient).toMatchObject({ kind: "completed" });
  });

  it("starts one instance for all who waited", async () => {
    await using bench = await openBench();
    await bench.run.call(calling("demo"));
    await bench.crash();
    const calls = Array.from({ length: 10 }, () => bench.run.call(calling("demo")));
    await bench.clock.advance(498);
    expect(bench.host.starts).toHaveLength(1);
    await bench.clock.advance(1);
    const outcomes = await Promise.all(calls);
    expect(outcomes.every(({ kind }) => kind === "completed")).toBe(true);
    expect(bench.host.starts).toHaveLength(2);
  });
});

describe("quarantine", () => {
  const quarantined = async (): Promise<Bench> => {
    const bench = await openBench({ restart: { quarantineAfter: 1 } });
    await bench.run.call(calling("demo"));
    await bench.crash();
    expect(bench.run.get("demo")).toMatchObject({ state: "error" });
    return bench;
  };

  it("is not ended by a start that does not ask for it, nor by a look at the folders", async () => {
    await using bench = await quarantined();
    await expect(bench.run.start("demo")).rejects.toThrow(
      expect.objectContaining({ code: "QUARANTINED" }),
    );
    await bench.run.discover();
    expect(await bench.run.call(calling("demo"))).toMatchObject({ reason: "quarantined" });
  });

  it("is ended by an operator", async () => {
    await using bench = await quarantined();
    await bench.run.start("demo", { clearQuarantine: true });
    expect(await bench.run.call(calling("demo"))).toMatchObject({ kind: "completed" });
  });

  it("is ended by new bytes, and kept for the old ones", async () => {
    await using bench = await quarantined();
    bench.plugin("demo", manifestOf("demo", `${still}description: mended\n`));
    await bench.run.discover();
    expect(await bench.run.call(calling("demo"))).toMatchObject({ kind: "completed" });
    bench.plugin("demo", manifestOf("demo", still));
    await bench.run.discover();
    expect(await bench.run.call(calling("demo"))).toMatchObject({ reason: "quarantined" });
  });

  it("is the plugin's alone", async () => {
    await using bench = await quarantined();
    bench.plugin("other");
    await bench.run.discover();
    expect(await bench.run.call(calling("other"))).toMatchObject({ kind: "completed" });
    expect(bench.run.visibleTools(everybody).tools.map(({ plugin }) => plugin)).toEqual([
      "demo",
      "demo",
      "other",
      "other",
    ]);
  });
});
