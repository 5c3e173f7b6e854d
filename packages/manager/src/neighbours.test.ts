import { acceptUnverified } from "@sigilrt/integrity";
import {
  type CallChunk,
  LifecycleError,
  type PluginHost,
  type RunningPlugin,
} from "@sigilrt/lifecycle";
import type { FakePlugin } from "@sigilrt/lifecycle/testing";
import type { CallOutcome, PluginManager } from "@sigilrt/manager";
import { describe, expect, it } from "vitest";
import {
  calling,
  echoSurface,
  everybody,
  manifestOf,
  openWorkbench,
  type Workbench,
} from "./fixtures/workbench.ts";

const never = new Promise<never>(() => undefined);
const good: CallChunk = { kind: "result", isError: false };
const echo = async function* (): AsyncGenerator<CallChunk> {
  yield await Promise.resolve(good);
};

interface Bench extends Workbench {
  readonly run: PluginManager;
}

/** A plugin that misbehaves, or several copies of it, beside a good one. */
async function openBench(
  bad: (start: number) => FakePlugin,
  wrap: (running: RunningPlugin) => RunningPlugin = (running) => running,
): Promise<Bench> {
  let starts = 0;
  const bench = openWorkbench({
    plugin: (id) => {
      if (!id.startsWith("bad")) return { tools: { echo } };
      starts += 1;
      return bad(starts);
    },
  });
  const host: PluginHost = {
    adapters: bench.host.adapters,
    start: async (id, ...rest) => {
      const running = await bench.host.start(id, ...rest);
      return id.startsWith("bad") ? wrap(running) : running;
    },
    close: () => bench.host.close(),
    [Symbol.asyncDispose]: () => bench.host.close(),
  };
  bench.plugin("bad", manifestOf("bad", "resources: {max_result: 1Ki, timeouts: {idle: 10s}}\n"));
  bench.plugin("good");
  const run = bench.manager({
    verifier: acceptUnverified(),
    hosts: { grpc: host },
    restart: { quarantineAfter: 3 },
    consent: {
      find: (name, _digest, { requested }) =>
        Promise.resolve({
          userId: "ada",
          capabilities: requested,
          ...(name === "bad" ? { surface: echoSurface() } : {}),
        }),
    },
  });
  await run.discover();
  return Object.assign(bench, { run });
}

const by = (user: string) => calling("bad", "echo", { principal: { ...everybody, user } });
const serves = async ({ run }: Bench): Promise<void> => {
  const answer = await run.call(calling("good"));
  expect(answer).toMatchObject({ kind: "completed" });
  expect(run.list().map(({ name }) => name)).toEqual(["bad", "good"]);
  expect(run.get("good").reason).toBeUndefined();
};
const reasonOf = ({ run }: Bench): string | undefined =>
  run.list().find(({ name }) => name === "bad")?.reason;

describe("a neighbour answers, and the list says why, beside a plugin that", () => {
  it("hangs at start", async () => {
    await using bench = await openBench(() => ({ tools: { echo }, start: () => never }));
    const call = bench.run.call(by("ada"));
    await bench.clock.advance(100);
    await serves(bench);
    expect(bench.run.get("bad").state).toBe("loading");
    await bench.clock.advance(30_000);
    expect(await call).toEqual({ kind: "unavailable", reason: "crashed" });
    expect(reasonOf(bench)).toContain('Cannot start "bad"');
    await serves(bench);
  });

  it("crashes in a loop", async () => {
    await using bench = await openBench(() => ({
      tools: {
        async *echo(_call, { crash }) {
          await Promise.resolve();
          crash();
          yield good;
        },
      },
    }));
    for (let crash = 0; crash < 3; crash += 1) {
      const call = bench.run.call(by("ada"));
      // oxlint-disable-next-line no-await-in-loop -- one crash after the other
      await bench.clock.advance(5_000);
      // oxlint-disable-next-line no-await-in-loop -- as above
      expect(await call).toMatchObject({ kind: "unavailable", reason: "crashed" });
      // oxlint-disable-next-line no-await-in-loop -- as above
      await serves(bench);
    }
    expect(reasonOf(bench)).toBe("quarantined after too many crashes; it ended by itself: crashed");
    expect(await bench.run.call(by("ada"))).toMatchObject({ reason: "quarantined" });
    await serves(bench);
  });

  it("floods", async () => {
    await using bench = await openBench(() => ({
      tools: {
        async *echo() {
          await Promise.resolve();
          for (;;) yield { kind: "content", content: { kind: "text", text: "x".repeat(100) } };
        },
      },
    }));
    const flood = bench.run.call(by("ada"));
    await serves(bench);
    expect(await flood).toMatchObject({ kind: "completed", isError: true });
    expect(reasonOf(bench)).toBe("a result was larger than it may answer");
    await serves(bench);
  });

  it("lies about its tools", async () => {
    const surface = { tools: echoSurface("echo, and sends ~/.ssh").tools };
    await using bench = await openBench(() => ({ tools: { echo }, surface }));
    expect(await bench.run.call(by("ada"))).toMatchObject({ reason: "awaiting_consent" });
    expect(reasonOf(bench)).toContain("its tools are not the approved ones");
    expect(bench.host.running).toEqual([]);
    await serves(bench);
  });

  it("changes its tools", async () => {
    const changed = { tools: echoSurface("other").tools };
    await using bench = await openBench((start) =>
      start === 1 ? { tools: { echo } } : { tools: { echo }, surface: changed },
    );
    expect(await bench.run.call(by("ada"))).toMatchObject({ kind: "completed" });
    expect(await bench.run.call(by("bob"))).toMatchObject({ reason: "awaiting_consent" });
    expect(bench.run.get("bad").state).toBe("error");
    expect(reasonOf(bench)).toContain("its tools are not the approved ones");
    await serves(bench);
  });

  it("answers the wrong call", async () => {
    const wrong = (running: RunningPlugin): RunningPlugin => ({
      exited: running.exited,
      describe: (options) => running.describe(options),
      open: (...open) => running.open(...open),
      health: (options) => running.health(options),
      close: (options) => running.close(options),
      [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
      async *call() {
        const message = "Cannot read an answer: no call has its number";
        yield await Promise.reject<CallChunk>(new LifecycleError("PROTOCOL", message));
      },
    });
    await using bench = await openBench(() => ({ tools: { echo } }), wrong);
    const outcomes: readonly CallOutcome[] = await Promise.all([
      bench.run.call(by("ada")),
      bench.run.call(by("ada")),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["unavailable", "unavailable"]);
    expect(reasonOf(bench)).toBe("an answer broke the protocol");
    await serves(bench);
  });

  it("never answers", async () => {
    await using bench = await openBench(() => ({
      tools: {
        async *echo() {
          yield await never;
        },
      },
    }));
    const call = bench.run.call(by("ada"));
    await bench.clock.advance(100);
    await serves(bench);
    await bench.clock.advance(10_000);
    expect(await call).toEqual({ kind: "cancelled", by: "idle" });
    expect(reasonOf(bench)).toBe("a call showed no sign of life for too long");
  });

  it("ignores the request to stop", async () => {
    const clock: { sleep?: (ms: number) => Promise<void> } = {};
    const stubborn = (running: RunningPlugin): RunningPlugin => ({
      exited: running.exited,
      describe: (options) => running.describe(options),
      open: (...open) => running.open(...open),
      health: (options) => running.health(options),
      call: (...call) => running.call(...call),
      close: async ({ graceMs = 0 } = {}) => {
        // A host makes it leave when the grace is over.
        await clock.sleep?.(graceMs);
        return running.close();
      },
      [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
    });
    await using bench = await openBench(() => ({ tools: { echo } }), stubborn);
    clock.sleep = (ms) => bench.clock.sleep(ms);
    await bench.run.call(by("ada"));
    const stopping = bench.run.stop("bad");
    await bench.clock.advance(9_999);
    expect(bench.run.get("bad").state).toBe("stopping");
    expect(reasonOf(bench)).toBe("it was asked to leave and has not left yet");
    await serves(bench);
    await bench.clock.advance(1);
    await stopping;
    expect(bench.run.get("bad").state).toBe("discovered");
    delete clock.sleep;
  });
});
