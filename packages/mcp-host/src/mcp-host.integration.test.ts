import { fileURLToPath } from "node:url";
import type { CallChunk, LifecycleError, RunningPlugin, StartSpec } from "@sigilrt/lifecycle";
import { createMcpHost, type McpRunner } from "@sigilrt/mcp-host";
import { describe, expect, it } from "vitest";
import { unconfinedRunner } from "./fixtures/unconfined-runner.ts";

const root = fileURLToPath(new URL("fixtures/", import.meta.url));
const spec = (mode: string, more: Partial<StartSpec> = {}): StartSpec => ({
  identity: { plugin: mode, version: "1.0.0", digest: "tree1-sha256:0", epoch: 1, slot: 0 },
  adapter: "mcp-stdio",
  tier: "process",
  root,
  entry: { command: ["node", "server.mjs", mode] },
  environment: {},
  config: {},
  secrets: {},
  grants: { allow: [], deny: [], readDeny: [] },
  limits: {
    memoryBytes: 1,
    cpu: 1,
    pids: 1,
    maxResultBytes: 65_536,
    startMs: 20_000,
    callMs: 60_000,
    idleMs: 60_000,
  },
  ...more,
});
const open = (limits = {}): ReturnType<typeof createMcpHost> =>
  createMcpHost({ runner: unconfinedRunner(), limits });
const failure = (work: Promise<unknown>): Promise<LifecycleError> =>
  work.then(
    () => Promise.reject(new Error("it did not fail")),
    (error: unknown) => error as LifecycleError,
  );
const echo = async (plugin: RunningPlugin): Promise<readonly CallChunk[]> => {
  const chunks: CallChunk[] = [];
  const request = {
    tool: "echo",
    arguments: { a: 1 },
    requestId: "1",
    principal: { workspace: "w", user: "u" },
  };
  const options = { signal: new AbortController().signal, deadlineAt: Date.now() + 5_000 };
  for await (const chunk of plugin.call(request, options)) chunks.push(chunk);
  return chunks;
};

describe("the MCP host", () => {
  it("is not made without a runner", () => {
    expect(() => createMcpHost({} as never)).toThrow(TypeError);
    expect(() => createMcpHost(undefined as never)).toThrow(TypeError);
  });

  it("hands its runner the one who wants to hear what is refused", async () => {
    const base = unconfinedRunner();
    const runner: McpRunner = {
      spawn(request, signal) {
        request.onRefusal?.({ evidence: request.id });
        return base.spawn(request, signal);
      },
    };
    await using host = createMcpHost({ runner });
    const heard: string[] = [];
    const onRefusal: StartSpec["onRefusal"] = ({ evidence }) => void heard.push(evidence);
    await using _ = await host.start("echo", spec("echo", { onRefusal }));
    expect(heard).toEqual(["echo"]);
  });

  it("answers the pieces of a result, then its end", async () => {
    await using host = open();
    await using plugin = await host.start("echo", spec("echo"));
    expect(await echo(plugin)).toEqual([
      { kind: "content", content: { kind: "text", text: "echo" } },
      { kind: "result", isError: false, structured: { a: 1 } },
    ]);
    expect(await plugin.health()).toEqual({ status: "healthy", message: "" });
  });

  it("bears a few lines before the first message", async () => {
    await using host = open();
    await using plugin = await host.start("noise", spec("few-noise"));
    expect(await echo(plugin)).toHaveLength(2);
  });

  it.each([
    ["over 64 stray lines", "noise", "PROTOCOL", "NOT_JSON"],
    ["an end before the first message", "exit", "START_FAILED", undefined],
  ])(
    "does not start a server with %s, and says what it said",
    async (_fault, mode, code, cause) => {
      await using host = open();
      const error = await failure(host.start("bad", spec(mode)));
      expect(error).toMatchObject({ name: "LifecycleError", code, phase: "initialize" });
      expect(
        (error.cause as { readonly code?: unknown }).code === cause || cause === undefined,
      ).toBe(true);
    },
  );

  it("shows the last words and the exit code of a server that ended", async () => {
    await using host = open();
    const error = await failure(host.start("bad", spec("exit")));
    expect(error.message).toContain("left-pad");
    expect(error.exit).toMatchObject({ code: 3, stderrTail: expect.stringContaining("left-pad") });
  });

  it.each([
    ["deep nesting", "garbage", "TOO_DEEP"],
    ["a line without end", "endless-line", "LINE_TOO_LONG"],
  ])("ends a server that answers with %s", async (_fault, mode, cause) => {
    await using host = open();
    const plugin = await host.start("bad", spec(mode));
    const error = await failure(echo(plugin));
    expect(error).toMatchObject({ code: "PROTOCOL", cause: { name: "McpHostError", code: cause } });
    expect(await plugin.exited).toMatchObject({ cause: "killed" });
  });

  it("ends a server that answers what nobody asked, the third time", async () => {
    await using host = open({ foreignResponses: 1 });
    const plugin = await host.start("bad", spec("wrong-id"));
    expect(await failure(echo(plugin))).toMatchObject({
      code: "PROTOCOL",
      cause: { code: "FOREIGN_RESPONSE" },
    });
  });

  it.each([
    ["no such program", { entry: { command: ["absent.sh"] as [string] } }],
    ["a module", { entry: { module: "a.wasm" } }],
    ["another adapter", { adapter: "grpc" }],
  ])("does not start %s", async (_what, more) => {
    await using host = open();
    expect(await failure(host.start("bad", spec("echo", more)))).toMatchObject({
      code: "START_FAILED",
    });
  });

  it("reports how a server that was told to leave has left", async () => {
    await using host = open();
    const plugin = await host.start("echo", spec("echo"));
    expect(await plugin.close()).toMatchObject({ cause: "requested", code: 0 });
  });
});
