import { acceptUnverified } from "@sigilrt/integrity";
import type { Health } from "@sigilrt/lifecycle";
import type { ManagerEvent, PluginManager } from "@sigilrt/manager";
import { describe, expect, it } from "vitest";
import {
  calling,
  everybody,
  manifestOf,
  openWorkbench,
  type Workbench,
} from "./fixtures/workbench.ts";

interface Bench extends Workbench {
  readonly run: PluginManager;
  readonly events: AsyncIterableIterator<ManagerEvent>;
}

const health = "health: {interval: 10s, timeout: 2s, failures: 3}\n";
const healthy: Health = { status: "healthy", message: "" };
const unhealthy: Health = { status: "unhealthy", message: "no database" };
const never = new Promise<never>(() => undefined);

/** A plugin that answers for its health what `say` says, admitted and running. */
async function openBench(say: (question: number) => unknown, more = health): Promise<Bench> {
  let asked = 0;
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
      health: () => {
        asked += 1;
        return say(asked) as Health;
      },
    }),
  });
  bench.plugin("demo", manifestOf("demo", more));
  const run = bench.manager({ verifier: acceptUnverified() });
  await run.discover();
  const events = run.events();
  await run.start("demo", { principal: everybody });
  return Object.assign(bench, { run, events });
}

/** The types of the events until the manager is closed. */
async function typesOf({ run, events }: Bench): Promise<readonly string[]> {
  await run.close();
  const types: string[] = [];
  for await (const { type } of events) types.push(type);
  return types;
}

describe("health after the start", () => {
  it("takes as many failures in a row as the manifest says for a crash, and starts anew", async () => {
    await using bench = await openBench((question) => (question > 1 ? unhealthy : healthy));
    await bench.clock.advance(39_999);
    expect(bench.run.get("demo")).toMatchObject({
      state: "running",
      health: "unhealthy",
      reason: "it is unhealthy: no database",
    });
    expect(bench.host.running).toEqual(["demo-1"]);
    const call = bench.run.call(calling("demo", "hang"));
    await bench.clock.advance(1);
    expect(await call).toEqual({ kind: "unavailable", reason: "crashed" });
    expect(bench.host.running).toEqual([]);
    expect(bench.run.get("demo").reason).toContain("no database");
    const next = bench.run.call(calling("demo"));
    await bench.clock.advance(250);
    expect(await next).toMatchObject({ kind: "completed" });
    expect(bench.host.running).toEqual(["demo-2"]);
    const { records } = await bench.audit.query({ action: "plugin.stopped" });
    expect(records).toMatchObject([{ result: "failed", reason: "unhealthy" }]);
    expect(await typesOf(bench)).toEqual(
      expect.arrayContaining(["plugin.crashed", "plugin.restarting", "instance.closed"]),
    );
  });

  it("counts failures in a row alone", async () => {
    await using bench = await openBench((question) => (question % 3 === 0 ? healthy : unhealthy));
    await bench.clock.advance(1_000_000);
    // Two failures, then a good answer: never three in a row.
    expect(bench.host.starts).toHaveLength(1);
  });

  it("shows that a plugin is degraded, tells it once, and lets it run", async () => {
    await using bench = await openBench((question) =>
      question < 4 ? { status: "degraded", message: "slow disk" } : healthy,
    );
    await bench.clock.advance(30_000);
    expect(bench.run.get("demo")).toMatchObject({
      state: "running",
      health: "degraded",
      reason: "it is degraded: slow disk",
    });
    await bench.clock.advance(10_000);
    expect(bench.run.get("demo")).toMatchObject({ state: "running", health: "healthy" });
    expect(bench.run.get("demo").reason).toBeUndefined();
    expect(bench.host.running).toEqual(["demo-1"]);
    const types = await typesOf(bench);
    expect(types.filter((type) => type === "plugin.degraded")).toHaveLength(1);
    expect(types).not.toContain("plugin.crashed");
  });

  it.each<[string, () => unknown]>([
    ["does not answer", () => never],
    [
      "throws",
      () => {
        throw new Error("secret");
      },
    ],
    ["answers what is no answer", () => 7],
    ["answers a word that is none", () => ({ status: "great", message: "x" })],
    ["answers with a status that is an object", () => ({ status: { toString: () => "healthy" } })],
  ])("takes it for a failure when a plugin %s", async (_what, say) => {
    await using bench = await openBench(say);
    // Three questions, the last of which may take its two seconds.
    await bench.clock.advance(36_000);
    expect(bench.host.running).toEqual([]);
    expect(bench.run.get("demo").reason).toContain("it failed its health checks");
    expect(bench.run.get("demo").reason).not.toContain("secret");
  });

  it("keeps little of what a plugin says of itself, and nothing that is no text", async () => {
    let question = 0;
    await using bench = await openBench(() => {
      question += 1;
      return { status: "degraded", message: question === 1 ? "x".repeat(100_000) : { a: 1 } };
    });
    await bench.clock.advance(10_000);
    expect(bench.run.get("demo").reason).toHaveLength("it is degraded: ".length + 200);
    await bench.clock.advance(10_000);
    expect(bench.run.get("demo").reason).toBe("it is degraded: ");
  });

  it("asks nothing with an interval of 0s, and nothing after a stop", async () => {
    await using silent = await openBench(() => unhealthy, "health: {interval: 0s}\n");
    await silent.clock.advance(200_000);
    expect(silent.host.running).toEqual(["demo-1"]);
    let asked = 0;
    await using bench = await openBench(() => {
      asked += 1;
      return healthy;
    });
    await bench.clock.advance(10_000);
    await bench.run.stop("demo");
    await bench.clock.advance(100_000);
    expect(asked).toBe(1);
    expect(bench.clock.sleeping).toBe(0);
  });

  it("quarantines a plugin whose health fails again and again", async () => {
    await using bench = await openBench(
      () => unhealthy,
      "health: {interval: 1s, timeout: 500ms, failures: 1}\n",
    );
    for (let crash = 0; crash < 5; crash += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one crash after the other
      await bench.clock.advance(1_000);
      const call = bench.run.call(calling("demo"));
      // oxlint-disable-next-line no-await-in-loop -- as above
      await bench.clock.advance(9_000);
      // oxlint-disable-next-line no-await-in-loop -- as above
      await call;
    }
    expect(bench.run.get("demo")).toMatchObject({ state: "error" });
    expect(await bench.run.call(calling("demo"))).toEqual({
      kind: "unavailable",
      reason: "quarantined",
    });
  });
});
