import { setImmediate } from "node:timers/promises";
import { acceptUnverified } from "@sigilrt/integrity";
import type { CallChunk, PluginHost } from "@sigilrt/lifecycle";
import type { FakePlugin } from "@sigilrt/lifecycle/testing";
import type { CallOutcome, PluginManager, PluginManagerOptions } from "@sigilrt/manager";
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
  /** Calls that a plugin works on now, by the id of the instance. */
  readonly at: ReadonlyMap<string, number>;
  /** Lets the oldest call of tool `hold` end. */
  letGo(): void;
}

/** Plugins whose tool `hold` answers once it is let go, with the instance's id. */
async function openBench(
  manifests: Readonly<Record<string, string>>,
  options: Partial<PluginManagerOptions> = {},
  start?: (id: string) => Promise<void>,
  wrap: (host: PluginHost) => PluginHost = (host) => host,
): Promise<Bench> {
  const at = new Map<string, number>();
  const held: (() => void)[] = [];
  const answer = (id: string): CallChunk => ({ kind: "result", isError: false, structured: id });
  const bench = openWorkbench({
    plugin: (id): FakePlugin => ({
      ...(start ? { start: () => start(id) } : {}),
      tools: {
        async *echo() {
          yield await Promise.resolve(answer(id));
        },
        async *hold() {
          at.set(id, (at.get(id) ?? 0) + 1);
          await new Promise<void>((resolve) => held.push(resolve));
          at.set(id, (at.get(id) ?? 0) - 1);
          yield answer(id);
        },
      },
    }),
  });
  for (const [name, more] of Object.entries(manifests)) bench.plugin(name, manifestOf(name, more));
  const run = bench.manager({
    verifier: acceptUnverified(),
    hosts: { grpc: wrap(bench.host) },
    ...options,
  });
  await run.discover();
  return Object.assign(bench, { run, at, letGo: () => held.shift()?.() });
}

const settle = (bench: Workbench): Promise<void> => bench.clock.advance(0);
const by = (user: string, plugin = "demo", tool = "hold") =>
  calling(plugin, tool, { principal: { ...everybody, user } });
const answeredBy = (outcome: CallOutcome): unknown =>
  outcome.kind === "completed" ? outcome.structured : outcome;
const overloaded = { kind: "unavailable", reason: "overloaded" };

describe("the instances of one plugin and scope", () => {
  it("starts one instance for 100 first calls, whatever fits into it", async () => {
    await using bench = await openBench({ demo: "" });
    const calls = Array.from({ length: 100 }, () => bench.run.call(by("ada", "demo", "echo")));
    const outcomes = await Promise.all(calls);
    expect(outcomes.every(({ kind }) => kind === "completed")).toBe(true);
    expect(bench.host.starts).toHaveLength(1);
  });

  it("starts the next instance when all are full, up to max_instances, and fills the one with the fewest calls", async () => {
    await using bench = await openBench({
      demo: "resources: {concurrency: 2}\nlifecycle: {max_instances: 2}\n",
    });
    const calls: Promise<CallOutcome>[] = [];
    const running: number[] = [];
    for (let call = 0; call < 5; call += 1) {
      calls.push(bench.run.call(by("ada")));
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await settle(bench);
      running.push(bench.host.running.length);
    }
    expect(running).toEqual([1, 1, 2, 2, 2]);
    expect([...bench.at]).toEqual([
      ["demo-1", 2],
      ["demo-2", 2],
    ]);
    expect(bench.host.starts.map(({ spec }) => spec.identity.slot)).toEqual([0, 1]);
    bench.letGo();
    await settle(bench);
    expect([...bench.at.values()]).toEqual([2, 2]);
    bench.letGo();
    bench.letGo();
    await settle(bench);
    expect([...bench.at.values()]).toEqual([1, 1]);
    calls.push(bench.run.call(by("ada")));
    for (let call = 0; call < 3; call += 1) bench.letGo();
    await settle(bench);
    bench.letGo();
    expect((await Promise.all(calls)).map(({ kind }) => kind)).toEqual(Array(6).fill("completed"));
  });

  it("starts one more for a line that stays, one at a time", async () => {
    await using bench = await openBench({
      demo: "resources: {concurrency: 1}\nlifecycle: {max_instances: 3}\n",
    });
    const calls = Array.from({ length: 4 }, () => bench.run.call(by("ada")));
    await settle(bench);
    expect(bench.host.starts).toHaveLength(1);
    await bench.clock.advance(50);
    expect(bench.host.starts).toHaveLength(2);
    await bench.clock.advance(1_000);
    expect(bench.host.starts).toHaveLength(3);
    for (let call = 0; call < 4; call += 1) {
      bench.letGo();
      // oxlint-disable-next-line no-await-in-loop -- the last one takes the place of the first
      await settle(bench);
    }
    expect((await Promise.all(calls)).every(({ kind }) => kind === "completed")).toBe(true);
  });

  it("answers who waits in their order", async () => {
    await using bench = await openBench({
      demo: "resources: {concurrency: 1}\nlifecycle: {max_instances: 1}\n",
    });
    const order: number[] = [];
    const calls = Array.from({ length: 20 }, async (_, place) => {
      await bench.run.call(by("ada"));
      order.push(place);
    });
    for (let call = 0; call < 20; call += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await settle(bench);
      bench.letGo();
    }
    await Promise.all(calls);
    expect(order).toEqual(order.toSorted((left, right) => left - right));
  });

  it("lets go who is cancelled in line, by that word", async () => {
    await using bench = await openBench({
      demo: "resources: {concurrency: 1}\nlifecycle: {max_instances: 1}\n",
    });
    const held = bench.run.call(by("ada"));
    await settle(bench);
    const abort = new AbortController();
    const waiting = bench.run.call(by("ada"), { signal: abort.signal });
    const late = bench.run.call(by("ada"), { deadlineAt: bench.clock.now() + 500 });
    await settle(bench);
    abort.abort();
    expect(await waiting).toEqual({ kind: "cancelled", by: "caller" });
    await bench.clock.advance(500);
    expect(await late).toEqual({ kind: "cancelled", by: "deadline" });
    bench.letGo();
    expect(answeredBy(await held)).toBe("demo-1");
  });

  it("serves a first call even where nobody may wait", async () => {
    await using bench = await openBench({ demo: "" }, { limits: { queue: 0 } });
    expect(await bench.run.call(by("ada", "demo", "echo"))).toMatchObject({ kind: "completed" });
  });

  it("tells who waits for an instance that starts too slowly that it is starting", async () => {
    await using bench = await openBench(
      { demo: "resources: {concurrency: 1, timeouts: {start: 60s}}\n" },
      { limits: { queueMs: 1_000 } },
      () => new Promise(() => undefined),
    );
    const abort = new AbortController();
    const first = bench.run.call(by("ada"), { signal: abort.signal });
    const second = bench.run.call(by("ada"));
    await bench.clock.advance(1_000);
    expect(await second).toEqual({ kind: "unavailable", reason: "starting" });
    abort.abort();
    expect(await first).toEqual({ kind: "cancelled", by: "caller" });
  });

  it("lets nobody wait for a restart that is further away than they may wait", async () => {
    await using bench = await openBench(
      { demo: "" },
      { limits: { queueMs: 100 }, restart: { baseDelayMs: 60_000 } },
      () => Promise.reject(new Error("no interpreter")),
    );
    expect(await bench.run.call(by("ada"))).toEqual({ kind: "unavailable", reason: "crashed" });
    expect(await bench.run.call(by("ada"))).toEqual({
      kind: "unavailable",
      reason: "crashed",
      retryAfterMs: 30_000,
    });
  });

  it("ends a call that waits for an instance at the caller's deadline", async () => {
    await using bench = await openBench({ demo: "" }, {}, () => new Promise(() => undefined));
    const call = bench.run.call(by("ada"), { deadlineAt: bench.clock.now() + 700 });
    await bench.clock.advance(700);
    expect(await call).toEqual({ kind: "cancelled", by: "deadline" });
  });

  it("stops what nobody used for idle_stop, and not before", async () => {
    await using bench = await openBench({ demo: "lifecycle: {idle_stop: 1m, scope: shared}\n" });
    await bench.run.call(by("ada", "demo", "echo"));
    await bench.clock.advance(40_000);
    const held = bench.run.call(by("ada"));
    await bench.clock.advance(25_000);
    expect(bench.host.running).toEqual(["demo-1"]);
    bench.letGo();
    expect(answeredBy(await held)).toBe("demo-1");
    await bench.clock.advance(59_999);
    expect(bench.host.running).toEqual(["demo-1"]);
    await bench.clock.advance(1);
    expect(bench.host.running).toEqual([]);
    const { records } = await bench.audit.query({ action: "plugin.stopped" });
    expect(records).toMatchObject([{ plugin: "demo", result: "ok" }]);
    expect(answeredBy(await bench.run.call(by("ada", "demo", "echo")))).toBe("demo-2");
  });

  it("keeps for ever what says idle_stop: 0s", async () => {
    await using bench = await openBench({ demo: "lifecycle: {idle_stop: 0s}\n" });
    await bench.run.call(by("ada", "demo", "echo"));
    await bench.clock.advance(100_000_000);
    expect(bench.host.running).toEqual(["demo-1"]);
  });
});

describe("the instances of one manager", () => {
  const one = "resources: {concurrency: 1}\nlifecycle: {max_instances: 1}\n";

  it("stops the longest idle one when it is full", async () => {
    await using bench = await openBench({ demo: "" }, { limits: { maxInstances: 2 } });
    for (const user of ["ada", "bob"]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await bench.run.call(by(user, "demo", "echo"));
      // oxlint-disable-next-line no-await-in-loop -- as above
      await bench.clock.advance(10);
    }
    await bench.run.call(by("ada", "demo", "echo"));
    expect(answeredBy(await bench.run.call(by("cyd", "demo", "echo")))).toBe("demo-3");
    const users = bench.host.starts.map(({ spec }) => spec.identity.user);
    expect(users).toEqual(["ada", "bob", "cyd"]);
    expect(bench.host.running).toEqual(["demo-1", "demo-3"]);
  });

  it("never runs more than it may, not even while one stops", async () => {
    let most = 0;
    await using bench = await openBench(
      { demo: one },
      { limits: { maxInstances: 3 } },
      async () => {
        most = Math.max(most, bench.host.running.length + 1);
        await Promise.resolve();
      },
    );
    const users = Array.from({ length: 40 }, (_, index) => `user-${index}`);
    const outcomes = await Promise.all(
      users.map((user) => bench.run.call(by(user, "demo", "echo"))),
    );
    expect(outcomes.every(({ kind }) => kind === "completed")).toBe(true);
    expect([bench.host.starts.length, most]).toEqual([40, 3]);
  });

  it("lets callers wait while all of them work, and no longer than told", async () => {
    const limits = { maxInstances: 1, queueMs: 1_000 };
    await using bench = await openBench({ demo: one }, { limits });
    const held = bench.run.call(by("ada"));
    await settle(bench);
    const patient = bench.run.call(by("bob", "demo", "echo"));
    await bench.clock.advance(999);
    bench.letGo();
    expect(answeredBy(await held)).toBe("demo-1");
    expect(answeredBy(await patient)).toBe("demo-2");
    const again = bench.run.call(by("bob"));
    await settle(bench);
    const late = bench.run.call(by("ada"));
    await bench.clock.advance(1_000);
    expect(await late).toEqual(overloaded);
    bench.letGo();
    expect(answeredBy(await again)).toBe("demo-2");
  });

  it("lets no more wait than told, each with a scope of their own", async () => {
    const limits = { maxInstances: 1, queue: 2 };
    await using bench = await openBench({ demo: one }, { limits });
    const held = bench.run.call(by("ada"));
    await settle(bench);
    const waiting = ["bob", "cyd"].map((user) => bench.run.call(by(user, "demo", "echo")));
    await settle(bench);
    expect(await bench.run.call(by("dee"))).toEqual(overloaded);
    bench.letGo();
    await held;
    expect((await Promise.all(waiting)).map(answeredBy)).toEqual(["demo-2", "demo-3"]);
  });

  it("gives every scope its turn while one of them has many callers", async () => {
    const limits = { maxInstances: 2 };
    await using bench = await openBench({ demo: "resources: {concurrency: 1}\n" }, { limits });
    const flood = Array.from({ length: 50 }, () => bench.run.call(by("ada")));
    await bench.clock.advance(100);
    expect(bench.host.running).toEqual(["demo-1", "demo-2"]);
    const other = bench.run.call(by("bob", "demo", "echo"));
    await settle(bench);
    bench.letGo();
    bench.letGo();
    await settle(bench);
    expect(answeredBy(await other)).toBe("demo-3");
    const answered = new Set<number>();
    for (const [place, call] of flood.entries()) void call.then(() => answered.add(place));
    while (answered.size < flood.length) {
      bench.letGo();
      // oxlint-disable-next-line no-await-in-loop -- the store works on real files
      await setImmediate();
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await bench.clock.advance(1);
    }
    expect((await Promise.all(flood)).every(({ kind }) => kind === "completed")).toBe(true);
  });

  it("ends every wait when it is closed", async () => {
    await using bench = await openBench({ demo: one }, { limits: { maxInstances: 1 } });
    const calls = ["ada", "ada", "bob"].map((user) => bench.run.call(by(user)));
    await settle(bench);
    const closing = bench.run.close();
    await bench.clock.advance(10_000);
    await closing;
    const reloading = { kind: "unavailable", reason: "reloading" };
    expect(await Promise.all(calls)).toEqual([
      { kind: "cancelled", by: "drain_limit" },
      reloading,
      reloading,
    ]);
    expect(bench.host.running).toEqual([]);
  });
});

describe("a call that its plugin does not let go", () => {
  /** A host whose calls hang, whatever happens to their signal. */
  const deaf = (host: PluginHost): PluginHost => ({
    ...host,
    start: async (...start) => {
      const running = await host.start(...start);
      return {
        exited: running.exited,
        describe: (options) => running.describe(options),
        open: (...open) => running.open(...open),
        health: (options) => running.health(options),
        close: (options) => running.close(options),
        [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
        async *call(request, options) {
          if (request.tool === "hold") await new Promise(() => undefined);
          yield* running.call(request, options);
        },
      };
    },
  });

  const hang = (): Promise<Bench> =>
    openBench({ demo: "lifecycle: {graceful_shutdown_timeout: 0s}\n" }, {}, undefined, deaf);

  it("answers a second after it was cancelled, and drains the instance", async () => {
    await using bench = await hang();
    const abort = new AbortController();
    const call = bench.run.call(by("ada"), { signal: abort.signal });
    await settle(bench);
    abort.abort();
    await bench.clock.advance(999);
    expect(bench.host.running).toEqual(["demo-1"]);
    await bench.clock.advance(1);
    expect(await call).toEqual({ kind: "cancelled", by: "caller" });
    expect(bench.host.running).toEqual([]);
    expect(answeredBy(await bench.run.call(by("ada", "demo", "echo")))).toBe("demo-2");
  });

  it("lets a reader go who leaves", async () => {
    await using bench = await hang();
    const stream = bench.run.stream(by("ada"));
    const first = stream.next();
    await settle(bench);
    const left = stream.return(undefined);
    await bench.clock.advance(60_000);
    expect((await first).value).toEqual({ kind: "cancelled", by: "idle" });
    await left;
    expect(bench.host.running).toEqual([]);
  });
});
