import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { acceptUnverified } from "@sigilrt/integrity";
import type { CallChunk, StartSpec } from "@sigilrt/lifecycle";
import type { FakePlugin } from "@sigilrt/lifecycle/testing";
import {
  acceptDeclared,
  type CallOutcome,
  type ConsentStore,
  type PluginManager,
  type PluginManagerOptions,
} from "@sigilrt/manager";
import { count } from "@sigilrt/testing/counts";
import { describe, expect, it } from "vitest";
import {
  calling,
  echoSurface,
  everybody,
  openWorkbench,
  type Workbench,
} from "./fixtures/workbench.ts";

type Way = "blue_green" | "exclusive";
const ways: readonly Way[] = ["blue_green", "exclusive"];

const manifest = (version: string, way: Way, more = ""): string =>
  `name: demo
version: ${version}
type: tool
execution: { tier: process }
entry: { command: [node, main.js] }
resources: { concurrency: 300 }
lifecycle: { scope: shared, hot_reload: ${way === "blue_green"}, graceful_shutdown_timeout: 5s, idle_stop: 0s }
health: { interval: 0s }
${more}`;

interface Bench extends Workbench {
  readonly run: PluginManager;
  /** Lays version 2.0.0 out in the folder. */
  next(more?: string): void;
  /** Lets the calls that wait in tool `wait` end. */
  letGo(): void;
}

interface Behaviour {
  readonly options?: Partial<PluginManagerOptions>;
  readonly plugin?: (version: string, spec: StartSpec) => Partial<FakePlugin>;
}

/** A plugin of version 1.0.0 whose tool `wait` answers once it is let go, admitted and started. */
async function open(way: Way, { options = {}, plugin }: Behaviour = {}): Promise<Bench> {
  let gate = Promise.withResolvers<void>();
  const answer = (spec: StartSpec): CallChunk => ({
    kind: "result",
    isError: false,
    structured: spec.identity.version,
  });
  const bench = openWorkbench({
    plugin: (_id, spec) => ({
      tools: {
        async *echo() {
          yield await Promise.resolve(answer(spec));
        },
        async *wait() {
          await gate.promise;
          yield answer(spec);
        },
      },
      ...plugin?.(spec.identity.version, spec),
    }),
  });
  bench.plugin("demo", manifest("1.0.0", way));
  const run = bench.manager({ verifier: acceptUnverified(), ...options });
  await run.discover();
  await run.start("demo");
  return Object.assign(bench, {
    run,
    next: (more?: string) => void bench.plugin("demo", manifest("2.0.0", way, more)),
    letGo: () => {
      gate.resolve();
      gate = Promise.withResolvers();
    },
  });
}

const settle = (bench: Workbench): Promise<void> => bench.clock.advance(0);

/** Begins a reload and resolves when it waits for the calls of the old version. */
async function reloadUntilDraining(
  bench: Bench,
): Promise<() => ReturnType<PluginManager["reload"]>> {
  const sleepers = bench.clock.sleeping;
  const reloading = bench.run.reload("demo");
  // oxlint-disable-next-line no-await-in-loop -- the store works on real files
  while (bench.clock.sleeping <= sleepers) await setImmediate();
  return () => reloading;
}

/** Lets time pass until `promise` settles. */
async function passTime<T>(bench: Workbench, promise: Promise<T>): Promise<T> {
  const settled = new AbortController();
  const stop = (): void => settled.abort();
  promise.then(stop, stop);
  while (!settled.signal.aborted) {
    // oxlint-disable-next-line no-await-in-loop -- the store works on real files
    await setImmediate();
    // oxlint-disable-next-line no-await-in-loop -- step by step
    await bench.clock.advance(100);
  }
  return promise;
}
const answeredBy = (outcome: CallOutcome): unknown =>
  outcome.kind === "completed" ? [outcome.structured, outcome.meta.version] : outcome;
const one = (version: string): unknown => [version, version];

describe.each(ways)("PluginManager.reload, %s", (way) => {
  it("replaces what ran by what lies there, and says so", async () => {
    await using bench = await open(way);
    const before = bench.run.get("demo");
    bench.next();
    const outcome = await bench.run.reload("demo");
    const { digest, state, version } = bench.run.get("demo");
    expect(outcome).toEqual({
      kind: "replaced",
      plugin: "demo",
      way,
      from: before.digest,
      to: digest,
      version: "2.0.0",
      generation: 2,
      drained: { finished: 0, cancelled: 0 },
    });
    expect([digest === before.digest, state, version]).toEqual([false, "running", "2.0.0"]);
    expect(bench.host.running).toEqual(["demo-2"]);
    expect(answeredBy(await bench.run.call(calling("demo")))).toEqual(one("2.0.0"));
    const { records } = await bench.audit.query({ plugin: "demo", action: "plugin.admitted" });
    expect(records).toMatchObject([
      { detail: { version: "2.0.0" } },
      { detail: { version: "1.0.0" } },
    ]);
  });

  it("lets a call end with the version it began with", async () => {
    await using bench = await open(way);
    const old = bench.run.call(calling("demo", "wait"));
    await settle(bench);
    bench.next();
    const reloading = await reloadUntilDraining(bench);
    await bench.clock.advance(4_999);
    bench.letGo();
    expect(answeredBy(await old)).toEqual(one("1.0.0"));
    expect(await reloading()).toMatchObject({
      kind: "replaced",
      drained: { finished: 1, cancelled: 0 },
    });
    expect(answeredBy(await bench.run.call(calling("demo")))).toEqual(one("2.0.0"));
    expect(bench.host.running).toEqual(["demo-2"]);
  });

  it("ends calls that outlive the grace with that word, on record", async () => {
    await using bench = await open(way);
    const old = bench.run.call(calling("demo", "wait"));
    await settle(bench);
    bench.next();
    const reloading = await reloadUntilDraining(bench);
    await bench.clock.advance(5_000);
    expect(await old).toEqual({ kind: "cancelled", by: "drain_limit" });
    expect(await reloading()).toMatchObject({ drained: { finished: 0, cancelled: 1 } });
    const { records } = await bench.audit.query({ action: "call.completed" });
    expect(records).toMatchObject([{ result: "failed", reason: "cancelled_drain_limit" }]);
    expect(bench.host.running).toEqual(["demo-2"]);
  });

  it("waits for a call that was not decided yet when the reload began", async () => {
    const decided = Promise.withResolvers<{ readonly ok: true }>();
    await using bench = await open(way, { options: { guards: [() => decided.promise] } });
    const old = bench.run.call(calling("demo"));
    await settle(bench);
    bench.next();
    const reloading = await reloadUntilDraining(bench);
    await bench.clock.advance(1_000);
    decided.resolve({ ok: true });
    expect(answeredBy(await old)).toEqual(one("1.0.0"));
    expect(await reloading()).toMatchObject({ kind: "replaced", drained: { finished: 1 } });
    expect(bench.host.starts).toHaveLength(2);
  });

  it("starts nothing of the old version for a call that comes to it after the grace", async () => {
    const decided = Promise.withResolvers<{ readonly ok: true }>();
    await using bench = await open(way, { options: { guards: [() => decided.promise] } });
    const old = bench.run.call(calling("demo"));
    await settle(bench);
    bench.next();
    const reloading = await reloadUntilDraining(bench);
    await bench.clock.advance(5_000);
    expect(await reloading()).toMatchObject({ drained: { cancelled: 1 } });
    decided.resolve({ ok: true });
    expect(await old).toEqual({ kind: "cancelled", by: "drain_limit" });
    expect(bench.host.running).toEqual(["demo-2"]);
    expect(bench.host.starts).toHaveLength(2);
  });

  it("does nothing when nothing changed", async () => {
    await using bench = await open(way);
    expect(await bench.run.reload("demo")).toEqual({
      kind: "unchanged",
      plugin: "demo",
      generation: 1,
    });
    expect(bench.host.starts).toHaveLength(1);
  });

  it("gives the new version its own rights in the same swap, and no other", async () => {
    const may = (bench: Bench, capability: string): boolean =>
      bench.enforcer.evaluate({
        plugin: "demo",
        capability,
        userId: "ada",
        workspaceId: "home",
        workspaceAllow: ["*"],
        userPermissions: ["*"],
      }).allowed;
    await using bench = await open(way);
    bench.next("capabilities: [sessions.read]\n");
    await bench.run.reload("demo");
    expect([may(bench, "sessions.read"), may(bench, "exec.run")]).toEqual([true, false]);
    bench.plugin("demo", manifest("3.0.0", way));
    await bench.run.reload("demo");
    expect(may(bench, "sessions.read")).toBe(false);
  });

  it("starts the new version for everybody the old one ran for", async () => {
    await using bench = await open(way);
    const perUser = (version: string): string =>
      manifest(version, way).replace("scope: shared", "scope: user");
    bench.plugin("demo", perUser("1.1.0"));
    await bench.run.reload("demo");
    await bench.run.stop("demo");
    const users = ["ada", "bob"];
    for (const user of users) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await bench.run.call(calling("demo", "echo", { principal: { ...everybody, user } }));
    }
    bench.plugin("demo", perUser("1.2.0"));
    await bench.run.reload("demo");
    expect(bench.host.running).toHaveLength(2);
    const started = bench.host.starts.slice(-2).map(({ spec }) => spec.identity);
    expect(started).toMatchObject(users.map((user) => ({ version: "1.2.0", user })));
  });

  it("tries a version that nobody uses and leaves nothing running", async () => {
    await using bench = await open(way);
    await bench.run.stop("demo");
    bench.plugin("demo", manifest("2.0.0", way).replace("scope: shared", "scope: user"));
    expect(await bench.run.reload("demo")).toMatchObject({ kind: "replaced" });
    expect([bench.host.starts.length, bench.host.running]).toEqual([2, []]);
    expect(bench.run.get("demo").tools).toEqual(["echo", "wait"]);
  });

  it("leaves a neighbour alone", async () => {
    await using bench = await open(way);
    bench.plugin("other");
    await bench.run.discover();
    await bench.run.call(calling("other"));
    bench.next();
    await bench.run.reload("demo");
    expect(bench.run.list().map(({ name }) => name)).toEqual(["demo", "other"]);
    expect(bench.host.running).toContain("other-1");
    expect(await bench.run.call(calling("other"))).toMatchObject({ kind: "completed" });
  });

  const nobody: ConsentStore = { find: () => Promise.resolve(undefined) };
  const onlyFirst = (): ConsentStore => {
    let asked = 0;
    return {
      find: (...question) => {
        asked += 1;
        return (asked === 1 ? acceptDeclared() : nobody).find(...question);
      },
    };
  };
  it.each<[string, (bench: Bench) => void, string, Behaviour]>([
    [
      "has no folder",
      (bench) => rmSync(join(bench.folder, "plugins/demo"), { recursive: true }),
      "VERIFICATION_FAILED",
      {},
    ],
    [
      "has a malformed manifest",
      (bench) => void bench.plugin("demo", "name: ["),
      "VERIFICATION_FAILED",
      {},
    ],
    ["is for another runtime", (bench) => bench.next('engine: ">=9"\n'), "ENGINE_UNSUPPORTED", {}],
    [
      "nobody agreed to",
      (bench) => bench.next(),
      "CONSENT_REQUIRED",
      { options: { consent: onlyFirst() } },
    ],
    [
      "lies in two folders",
      (bench) => {
        const twin = join(bench.folder, "more/demo");
        mkdirSync(twin, { recursive: true });
        writeFileSync(join(twin, "plugin.yaml"), manifest("2.0.0", way));
      },
      "DUPLICATE_NAME",
      {},
    ],
  ])(
    "leaves the old version untouched when the new one %s",
    async (_what, change, code, behaviour) => {
      await using bench = await open(way, behaviour);
      const directories = [join(bench.folder, "plugins"), join(bench.folder, "more")];
      const run =
        code === "DUPLICATE_NAME"
          ? bench.manager({
              directories,
              verifier: acceptUnverified(),
              enforcer: openWorkbench().enforcer,
            })
          : bench.run;
      if (run !== bench.run) await run.discover();
      const held = run.call(calling("demo", "wait"));
      await settle(bench);
      const starts = bench.host.starts.length;
      change(bench);
      const outcome = await run.reload("demo");
      expect(outcome).toMatchObject({ kind: "refused", refusal: { code }, previous: "kept" });
      expect(outcome).toMatchObject({ refusal: { message: expect.stringContaining("demo") } });
      expect(run.get("demo").version).toBe("1.0.0");
      expect(bench.host.starts).toHaveLength(starts);
      bench.letGo();
      expect(answeredBy(await held)).toEqual(one("1.0.0"));
      const { records } = await bench.audit.query({ action: "plugin.refused" });
      expect(records).toHaveLength(1);
    },
  );

  it("refuses bytes that are not the locked ones, and a lock that cannot be read", async () => {
    const bench = openWorkbench();
    bench.plugin("demo", manifest("1.0.0", way));
    const lockPath = await bench.lock({}, "1.0.0");
    const run = bench.manager({ lockPath });
    await run.discover();
    bench.plugin("demo", manifest("1.0.0", way, "description: evil\n"));
    expect(await run.reload("demo")).toMatchObject({
      kind: "refused",
      refusal: { rejection: { kind: "integrity_mismatch" } },
    });
    writeFileSync(lockPath, "<<<<<<< HEAD\n");
    expect(await run.reload("demo")).toMatchObject({
      kind: "refused",
      refusal: { rejection: { kind: "lockfile_malformed" } },
    });
    expect(await run.call(calling("demo"))).toMatchObject({ kind: "completed" });
    await bench[Symbol.asyncDispose]();
  });

  const previous = way === "exclusive" ? "restarted" : "kept";
  const second = (behaviour: Partial<FakePlugin>): Behaviour => ({
    plugin: (version) => (version === "2.0.0" ? behaviour : {}),
  });
  it.each<[string, string, Behaviour]>([
    [
      "does not start",
      "it failed",
      second({ start: () => Promise.reject(new Error("no interpreter")) }),
    ],
    [
      "says that it is unwell",
      "no database",
      second({ health: () => ({ status: "unhealthy", message: "no database" }) }),
    ],
    [
      "cannot say how it is",
      "unknown failure",
      second({
        health: () => {
          throw new Error("secret");
        },
      }),
    ],
  ])("serves with the old version when the new one %s", async (_what, why, behaviour) => {
    await using bench = await open(way, behaviour);
    bench.next();
    const outcome = await bench.run.reload("demo");
    expect(outcome).toMatchObject({
      kind: "refused",
      refusal: { code: "START_FAILED" },
      previous,
    });
    expect(JSON.stringify(outcome)).toContain(why);
    expect(answeredBy(await bench.run.call(calling("demo")))).toEqual(one("1.0.0"));
    expect(bench.host.running).toHaveLength(1);
  });

  it("serves with the old version when the new one shows other tools than were approved", async () => {
    const consent: ConsentStore = {
      find: (_plugin, _digest, { requested }) =>
        Promise.resolve({ userId: "ada", capabilities: requested, surface: echoSurface() }),
    };
    const shown = (description: string): Partial<FakePlugin> => ({
      surface: { tools: echoSurface(description).tools },
    });
    await using bench = await open(way, {
      options: { consent },
      plugin: (version) => shown(version === "2.0.0" ? "echo, and reads ~/.ssh" : "echo"),
    });
    bench.next();
    expect(await bench.run.reload("demo")).toMatchObject({
      kind: "refused",
      refusal: { code: "SURFACE_CHANGED", rejection: { kind: "surface_changed" } },
      previous,
    });
    expect(answeredBy(await bench.run.call(calling("demo")))).toEqual(one("1.0.0"));
  });

  it("does not hold the failures of a refused version against the old one", async () => {
    await using bench = await open(way, second({ start: () => Promise.reject(new Error("no")) }));
    bench.next();
    for (let tries = 0; tries < 8; tries += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await bench.run.reload("demo")).toMatchObject({ refusal: { code: "START_FAILED" } });
    }
    expect(await bench.run.call(calling("demo"))).toMatchObject({ kind: "completed" });
  });

  it("publishes nothing when the admission cannot be recorded", async () => {
    await using bench = await open(way);
    bench.next();
    // The exclusive way records the stop of the old version first; both record the start of the new one.
    bench.failAuditAfter(way === "exclusive" ? 2 : 1);
    await expect(bench.run.reload("demo")).rejects.toThrow("disk full");
    expect(bench.run.get("demo").version).toBe("1.0.0");
    bench.failAuditAfter(Number.POSITIVE_INFINITY);
    const call = passTime(bench, bench.run.call(calling("demo")));
    expect(answeredBy(await call)).toEqual(one("1.0.0"));
    expect(bench.host.running).toHaveLength(1);
  });

  it("runs reloads of one plugin one after the other", async () => {
    await using bench = await open(way);
    bench.next();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => bench.run.reload("demo")));
    expect(outcomes.map(({ kind }) => kind)).toEqual(["replaced", ...Array(19).fill("unchanged")]);
    expect(bench.host.starts).toHaveLength(2);
    expect(bench.host.running).toEqual(["demo-2"]);
  });

  it("reloads after a look at the folders that goes on", async () => {
    await using bench = await open(way);
    bench.next();
    const [looked, reloaded] = await Promise.all([bench.run.discover(), bench.run.reload("demo")]);
    expect([looked.generation, reloaded.kind]).toEqual([2, "unchanged"]);
    expect(bench.host.running).toEqual([]);
    expect(answeredBy(await bench.run.call(calling("demo")))).toEqual(one("2.0.0"));
  });

  it("stops when its signal aborts before the swap, and serves with the old version", async () => {
    const silent = new Promise<never>(() => undefined);
    await using bench = await open(way, {
      plugin: (version) => (version === "2.0.0" ? { start: () => silent } : {}),
    });
    bench.next();
    const abort = new AbortController();
    const reloading = bench.run.reload("demo", { signal: abort.signal });
    const refused = reloading.then(
      () => "reloaded",
      (error: Error) => error.message,
    );
    // oxlint-disable-next-line no-await-in-loop -- the store works on real files
    while (bench.host.starts.length < 2) await setImmediate();
    abort.abort(new Error("enough"));
    expect(await passTime(bench, refused)).toBe("enough");
    expect(answeredBy(await bench.run.call(calling("demo")))).toEqual(one("1.0.0"));
    expect(bench.host.running).toHaveLength(1);
  });

  it("ends with the manager, leaving nothing", async () => {
    await using bench = await open(way);
    const held = bench.run.call(calling("demo", "wait"));
    await settle(bench);
    bench.next();
    const reloading = bench.run.reload("demo").catch((error: unknown) => error);
    await settle(bench);
    await passTime(bench, bench.run.close());
    expect((await held).kind).toMatch(/cancelled|unavailable/u);
    await reloading;
    expect(bench.host.running).toEqual([]);
    await expect(bench.run.reload("demo")).rejects.toThrow(
      expect.objectContaining({ code: "CLOSED" }),
    );
  });

  it("knows no plugin that is not admitted", async () => {
    await using bench = await open(way);
    await expect(bench.run.reload("ghost")).rejects.toThrow(
      expect.objectContaining({ code: "PLUGIN_NOT_FOUND" }),
    );
  });

  it("loses no call and mixes no versions while 200 are in flight and reload follows reload", async () => {
    const yields = async function* (version: string): AsyncGenerator<CallChunk> {
      for (let piece = 0; piece < 5; piece += 1) {
        // oxlint-disable-next-line no-await-in-loop -- pieces of one answer, with reloads between them
        await setImmediate();
        yield { kind: "content", content: { kind: "text", text: version } };
      }
      yield { kind: "result", isError: false, structured: version };
    };
    await using bench = await open(way, {
      plugin: (version) => ({ tools: { echo: () => yields(version) } }),
      options: { limits: { queue: 200 } },
    });
    const over = new AbortController();
    const outcomes: CallOutcome[] = [];
    let asked = 0;
    const caller = async (): Promise<void> => {
      while (!over.signal.aborted) {
        asked += 1;
        // oxlint-disable-next-line no-await-in-loop -- one call after the other
        outcomes.push(await bench.run.call(calling("demo")));
        // oxlint-disable-next-line no-await-in-loop -- lets the store work
        await setImmediate();
      }
    };
    const callers = Array.from({ length: 200 }, caller);
    for (let reload = 0; reload < Math.max(6, count("reloads")); reload += 1) {
      bench.plugin("demo", manifest(`1.${reload % 2}.0`, way, `# ${reload % 2}\n`));
      // oxlint-disable-next-line no-await-in-loop -- one reload after the other
      await bench.run.reload("demo");
    }
    over.abort();
    await Promise.all(callers);
    expect(outcomes).toHaveLength(asked);
    const versions = new Map<string, number>();
    for (const outcome of outcomes) {
      if (outcome.kind !== "completed") throw new Error(JSON.stringify(outcome));
      const said = new Set([
        outcome.meta.version,
        outcome.structured,
        ...outcome.content.map((piece) => (piece.kind === "text" ? piece.text : "")),
      ]);
      expect([...said]).toEqual([outcome.meta.version]);
      versions.set(outcome.meta.version, (versions.get(outcome.meta.version) ?? 0) + 1);
    }
    expect([...versions.keys()].toSorted()).toEqual(["1.0.0", "1.1.0"]);
    expect(bench.host.running).toHaveLength(1);
  });
});

it("does not stop bytes that were published again while their calls were drained", async () => {
  await using bench = await open("blue_green");
  const held = bench.run.call(calling("demo", "wait"));
  await settle(bench);
  bench.next();
  const reloading = await reloadUntilDraining(bench);
  bench.plugin("demo", manifest("1.0.0", "blue_green"));
  await bench.run.discover();
  const again = bench.run.call(calling("demo", "wait"));
  await bench.clock.advance(5_000);
  expect(await held).toEqual({ kind: "cancelled", by: "drain_limit" });
  await reloading();
  bench.letGo();
  expect(answeredBy(await again)).toEqual(one("1.0.0"));
  expect(bench.host.running).toEqual(["demo-1"]);
});

describe("the line before an exclusive reload", () => {
  /** A bench whose reload waits for one call. */
  const hold = async (options: Partial<PluginManagerOptions> = {}) => {
    const bench = await open("exclusive", { options });
    const held = bench.run.call(calling("demo", "wait"));
    await settle(bench);
    bench.next();
    const reloading = await reloadUntilDraining(bench);
    const end = async (): Promise<void> => {
      bench.letGo();
      await held;
      await reloading();
    };
    return { bench, end };
  };

  it("lets calls wait and answers them in their order with the new version; never do two run", async () => {
    const { bench, end } = await hold();
    const order: number[] = [];
    const calls = Array.from({ length: 10 }, async (_, place) => {
      const outcome = await bench.run.call(calling("demo"));
      order.push(place);
      return answeredBy(outcome);
    });
    await settle(bench);
    expect(bench.host.running).toEqual(["demo-1"]);
    await end();
    expect(await Promise.all(calls)).toEqual(Array(10).fill(one("2.0.0")));
    expect(order).toEqual(order.toSorted((left, right) => left - right));
    expect(bench.host.running).toEqual(["demo-2"]);
    await bench[Symbol.asyncDispose]();
  });

  it("turns away who finds it full, and who waits too long", async () => {
    const { bench, end } = await hold({ limits: { queue: 1, queueMs: 2_000 } });
    const first = bench.run.call(calling("demo"));
    await settle(bench);
    const turnedAway = { kind: "unavailable", reason: "reloading" };
    expect(await bench.run.call(calling("demo"))).toEqual(turnedAway);
    await bench.clock.advance(2_000);
    expect(await first).toEqual(turnedAway);
    await end();
    await bench[Symbol.asyncDispose]();
  });

  it("lets go who is cancelled or meets its deadline, and serves the others", async () => {
    const { bench, end } = await hold();
    const abort = new AbortController();
    const cancelled = bench.run.call(calling("demo"), { signal: abort.signal });
    const late = bench.run.call(calling("demo"), { deadlineAt: bench.clock.now() + 1_000 });
    const patient = bench.run.call(calling("demo"));
    await settle(bench);
    abort.abort();
    expect(await cancelled).toEqual({ kind: "cancelled", by: "caller" });
    await bench.clock.advance(1_000);
    expect(await late).toEqual({ kind: "cancelled", by: "deadline" });
    await end();
    expect(answeredBy(await patient)).toEqual(one("2.0.0"));
    await bench[Symbol.asyncDispose]();
  });

  it("has no place for a call that would be denied", async () => {
    const { bench, end } = await hold({ limits: { queue: 1 } });
    const principal = { ...everybody, permissions: [] };
    for (let calls = 0; calls < 5; calls += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await bench.run.call(calling("demo", "echo", { principal }))).toMatchObject({
        kind: "denied",
        publicReason: "not_allowed",
      });
    }
    const allowed = bench.run.call(calling("demo"));
    await settle(bench);
    await end();
    expect(answeredBy(await allowed)).toEqual(one("2.0.0"));
    await bench[Symbol.asyncDispose]();
  });

  it("holds an operator's start as well", async () => {
    const { bench, end } = await hold();
    const starting = bench.run.start("demo");
    await settle(bench);
    expect(bench.host.starts).toHaveLength(1);
    await end();
    expect(await starting).toMatchObject({ version: "2.0.0" });
    await bench[Symbol.asyncDispose]();
  });

  it("says that nothing runs when the old version does not start again", async () => {
    let starts = 0;
    await using bench = await open("exclusive", {
      plugin: () => ({
        start: () => {
          starts += 1;
          return starts === 1 ? Promise.resolve() : Promise.reject(new Error("no"));
        },
      }),
    });
    bench.next();
    expect(await bench.run.reload("demo")).toMatchObject({ kind: "refused", previous: "down" });
    expect(bench.run.get("demo")).toMatchObject({ version: "1.0.0", reason: expect.any(String) });
  });
});
