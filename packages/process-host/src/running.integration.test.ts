import type { CallChunk, ChannelHandle, ProviderHandle, RunningPlugin } from "@sigilrt/lifecycle";
import { describe, expect, it } from "vitest";
import type { RunningProcess } from "./index.ts";
import { collect } from "./testing/collect.ts";
import { fixtureSpec, processFixture } from "./testing/process-fixture.ts";

const { signal } = new AbortController();
const soon = () => ({ signal, deadlineAt: Date.now() + 10_000 });
const principal = { workspace: "w", user: "u" };
const call = (plugin: RunningPlugin, tool: string): Promise<readonly CallChunk[]> =>
  collect(plugin.call({ tool, arguments: {}, requestId: tool, principal }, soon()));
const started = async (mode: string, secrets: Readonly<Record<string, string>> = {}) => {
  const fixture = await processFixture();
  const plugin = (await fixture.host.start(mode, {
    ...fixtureSpec(mode, fixture.token),
    secrets,
  })) as RunningProcess;
  return { plugin, [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose]() };
};

it("survives every type of value in every log field", async () => {
  await using run = await started("logs");
  const { plugin } = run;
  expect(await call(plugin, "echo")).toHaveLength(1);
  const { stderrTail } = await plugin.close();
  const logs = await collect(plugin.logs);
  expect(logs.length).toBeGreaterThan(0);
  expect(logs.every(({ fields }) => Object.getPrototypeOf(fields) === null)).toBe(true);
  expect(logs.reduce((sum, { dropped }) => sum + dropped, logs.length)).toBeGreaterThan(3000);
  expect(stderrTail.length).toBeLessThanOrEqual(8192);
  expect(stderrTail).toContain("flood 2999");
});

it("yields what a plugin prints after its handshake", async () => {
  await using run = await started("prints");
  for await (const { stream, data } of run.plugin.stdio) {
    expect([stream, Buffer.from(data).toString()]).toEqual(["stdout", "printed later"]);
    break;
  }
});

describe("a call", () => {
  it("joins the parts of a binary result", async () => {
    await using run = await started("echo");
    expect(await call(run.plugin, "binary")).toEqual([
      {
        kind: "content",
        content: {
          kind: "binary",
          mimeType: "image/png",
          name: "i.png",
          data: Uint8Array.of(1, 2),
        },
      },
      { kind: "result", isError: false },
    ]);
  });

  it("passes on a failure of the tool as a result", async () => {
    await using run = await started("echo");
    expect(await call(run.plugin, "fails")).toEqual([
      { kind: "content", content: { kind: "text", text: "no such city" } },
      { kind: "result", isError: true },
    ]);
  });

  it.each(["twice", "late"])(
    "fails on a plugin that breaks the rules of results: %s",
    async (tool) => {
      await using run = await started("echo");
      await expect(call(run.plugin, tool)).rejects.toMatchObject({
        code: "PROTOCOL",
        cause: { code: "PLUGIN_MISBEHAVED" },
      });
      await run.plugin.ping();
    },
  );

  it("fails as CRASHED with the report of the end", async () => {
    await using run = await started("crash");
    await expect(call(run.plugin, "crash")).rejects.toMatchObject({
      code: "CRASHED",
      exit: { cause: "crashed", code: 7, callsInFlight: 1, stderrTail: "[ERROR] about to crash\n" },
      cause: { code: "PLUGIN_CRASHED" },
    });
    await expect(run.plugin.ping()).rejects.toMatchObject({
      name: "ProcessHostError",
      code: "STOPPING",
    });
  });

  it("ends as DEADLINE when the plugin is silent for idleMs", async () => {
    await using fixture = await processFixture();
    const spec = { ...fixture.slow, limits: { ...fixture.slow.limits, idleMs: 100 } };
    await using plugin = (await fixture.host.start("slow", spec)) as RunningProcess;
    await expect(call(plugin, "slow")).rejects.toMatchObject({ code: "DEADLINE" });
    await plugin.ping();
    // A call that was left running would hold back the stop until its deadline, and longer than this test may take.
    await plugin.close({ graces: { drainMs: 600_000 } });
  });

  it("hands configuration and secrets over by Init", async () => {
    await using run = await started("echo", { token: "t0ken" });
    expect((await call(run.plugin, "config")).at(-1)).toEqual({
      kind: "result",
      isError: false,
      structured: { city: "Bern", secrets: { token: "t0ken" } },
    });
  });
});

it("agrees on features, version and lane", async () => {
  await using run = await started("echo");
  expect([run.plugin.version, run.plugin.lane, [...run.plugin.features]]).toEqual([
    1,
    "grpc",
    ["tool.chunks/1"],
  ]);
});

it("serves a channel", async () => {
  await using run = await started("channel");
  expect(await run.plugin.describe()).toEqual({ tools: [] });
  await using channel = (await run.plugin.open("channel", { principal })) as ChannelHandle;
  expect(await collect(channel.inbound({}))).toMatchObject([
    { messageId: "m1", content: "hello", timestampMs: 2005, media: [{ url: "u", sizeBytes: 9 }] },
  ]);
  expect(await channel.send({ channelId: "c", content: "hi" }, soon())).toEqual({
    platformMessageId: "sent hi",
  });
  await expect(channel.send({ channelId: "c", content: "refuse" }, soon())).rejects.toMatchObject({
    code: "PROTOCOL",
  });
  await channel.presence("c", "typing", soon());
  expect(await channel.identity("p7", soon())).toMatchObject({
    platformUserId: "p7",
    displayName: "Ada",
  });
});

it("serves a provider", async () => {
  await using run = await started("provider");
  await using provider = (await run.plugin.open("provider", { principal })) as ProviderHandle;
  expect(await provider.models(soon())).toEqual([{ id: "m", name: "Model", provider: "p" }]);
  expect(await provider.status(soon())).toMatchObject({ available: true, failureCount: 2 });
  const messages = [{ role: "user", content: "hello" }] as const;
  expect(await collect(provider.chat({ model: "m", messages }, soon()))).toEqual([
    { kind: "text", text: "hello" },
    { kind: "tool_call", id: "t", name: "n", arguments: { a: 1 } },
    { kind: "done" },
  ]);
});

it("refuses a tool that the plugin would run but does not offer", async () => {
  await using run = await started("echo");
  await expect(call(run.plugin, "hidden")).rejects.toMatchObject({ code: "TOOL_UNKNOWN" });
});

it("ends a plugin whose connection is lost, even when it lives on", async () => {
  await using run = await started("echo");
  await expect(call(run.plugin, "hangup")).rejects.toMatchObject({ code: "CRASHED" });
  expect(await run.plugin.exited).toMatchObject({ cause: "crashed", signal: "SIGKILL" });
});

describe("a stop", () => {
  it("reports a plugin that left when asked", async () => {
    await using run = await started("echo");
    expect(await run.plugin.close()).toMatchObject({
      cause: "requested",
      code: 0,
      callsInFlight: 0,
    });
  });

  it("lets a running call finish and refuses new ones", async () => {
    await using run = await started("slow");
    const running = call(run.plugin, "slow").catch((error: unknown) => error);
    await run.plugin.ping();
    const closing = run.plugin.close({ graces: { drainMs: 200 } });
    await expect(run.plugin.ping()).rejects.toMatchObject({ code: "STOPPING" });
    await closing;
    expect(await running).toMatchObject({ code: "CLOSED" });
  });

  it("jumps to SIGKILL when its signal aborts", async () => {
    await using run = await started("stubborn");
    const report = await run.plugin.close({ signal: AbortSignal.timeout(50) });
    expect(report).toMatchObject({ cause: "killed", signal: "SIGKILL" });
  });
});
