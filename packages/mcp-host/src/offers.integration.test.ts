import { fileURLToPath } from "node:url";
import type {
  CallChunk,
  HostAsk,
  HostCallOptions,
  RunningPlugin,
  StartSpec,
} from "@sigilrt/lifecycle";
import { createMcpHost } from "@sigilrt/mcp-host";
import { describe, expect, it } from "vitest";
import { unconfinedRunner } from "./fixtures/unconfined-runner.ts";

const root = fileURLToPath(new URL("fixtures/", import.meta.url));
const spec = (mode: string, more: Partial<StartSpec> = {}): StartSpec => ({
  identity: { plugin: "offers", version: "1.0.0", digest: "tree1-sha256:0", epoch: 1, slot: 0 },
  adapter: "mcp-stdio",
  tier: "process",
  root,
  entry: { command: ["node", "offers.mjs", mode] },
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
const until = (signal: AbortSignal = new AbortController().signal): HostCallOptions => ({
  signal,
  deadlineAt: Date.now() + 20_000,
});
const call = async (
  plugin: RunningPlugin,
  tool: string,
  options: Partial<HostCallOptions> = {},
): Promise<readonly CallChunk[]> => {
  const principal = { workspace: "w", user: "u" };
  const chunks: CallChunk[] = [];
  const request = { tool, arguments: {}, requestId: tool, principal };
  for await (const chunk of plugin.call(request, { ...until(), ...options })) chunks.push(chunk);
  return chunks;
};
const ask = (plugin: RunningPlugin, more: Partial<HostAsk>): Promise<unknown> | undefined =>
  plugin.ask?.({ kind: "prompt", name: "a", arguments: {}, ...more }, until());

describe("a server with more than tools", () => {
  it("offers prompts of all pages, resources, and no templates where it knows of none", async () => {
    await using host = createMcpHost({ runner: unconfinedRunner() });
    await using plugin = await host.start("offers", spec("plain"));
    expect(await plugin.offers?.()).toEqual({
      prompts: [{ name: "a", arguments: [{ name: "x", required: true }] }, { name: "b" }],
      resources: [{ uri: "n:a", name: "a" }],
      templates: [],
    });
  });

  it("is asked for its list again when it says that it changed, and not before", async () => {
    await using host = createMcpHost({ runner: unconfinedRunner() });
    await using plugin = await host.start("offers", spec("tells"));
    await plugin.offers?.();
    await plugin.offers?.();
    // Two pages, once.
    expect(JSON.stringify(await ask(plugin, { arguments: { x: "1" } }))).toContain("2]");
    await call(plugin, "add");
    const { resources = [] } = (await plugin.offers?.()) ?? {};
    expect(resources.map(({ uri }) => uri)).toEqual(["n:a", "n:b"]);
  });

  it.each([
    ["more than 1,000", "long", 1_000],
    ["one of over 16 KiB", "wide", 1],
  ])("is cut where it offers %s", async (_what, mode, length) => {
    await using host = createMcpHost({ runner: unconfinedRunner() });
    await using plugin = await host.start("offers", spec(mode));
    expect((await plugin.offers?.())?.prompts).toHaveLength(length);
  });

  it("answers for a prompt, a resource, and what it does not know", async () => {
    await using host = createMcpHost({ runner: unconfinedRunner() });
    await using plugin = await host.start("offers", spec("plain"));
    expect(await ask(plugin, { arguments: { x: "1" } })).toMatchObject({
      isError: false,
      value: { messages: [{ role: "user" }] },
    });
    expect(await ask(plugin, { kind: "resource", name: "n:a" })).toMatchObject({
      isError: false,
      value: { contents: [{ uri: "n:a", text: "held" }] },
    });
    // It knows nothing of completion, so it is not asked.
    const completing = { argument: "x", value: "" };
    expect(await ask(plugin, { completing })).toMatchObject({
      value: { completion: { values: [] } },
    });
  });

  it("may not answer more than a result may hold", async () => {
    await using host = createMcpHost({ runner: unconfinedRunner() });
    await using plugin = await host.start("offers", spec("plain"));
    await expect(ask(plugin, { kind: "resource", name: "n:big" })).rejects.toMatchObject({
      code: "RESULT_TOO_LARGE",
    });
  });

  it("loses no progress and no log line that comes in one piece with its answer", async () => {
    await using host = createMcpHost({ runner: unconfinedRunner() });
    await using plugin = await host.start("offers", spec("plain"));
    for (let times = 0; times < 20; times += 1) {
      const progress: number[] = [];
      const logged: unknown[] = [];
      // oxlint-disable-next-line no-await-in-loop -- a race shows itself with time
      await call(plugin, "say", {
        onProgress: async ({ completed }) => void progress.push(completed),
        onLog: async ({ data }) => void logged.push(data),
      });
      expect([progress, logged]).toEqual([
        [1, 2, 3],
        [1, 2, 3],
      ]);
    }
  });

  it("logs to nobody while two calls run: one user must not hear of another's call", async () => {
    await using host = createMcpHost({ runner: unconfinedRunner() });
    await using plugin = await host.start("offers", spec("plain"));
    const heard: unknown[] = [];
    const onLog = async ({ data }: { readonly data: unknown }): Promise<void> =>
      void heard.push(data);
    const stop = new AbortController();
    const waiting = call(plugin, "wait", { signal: stop.signal, onLog: async () => started() });
    const { promise: begun, resolve: started } = Promise.withResolvers<void>();
    await begun;
    await call(plugin, "say", { onLog });
    expect(heard).toEqual([]);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: "CANCELLED" });
    // The server was told.
    expect(JSON.stringify(await call(plugin, "left"))).toContain('"1"');
  });

  it("is heard when its tools change", async () => {
    await using host = createMcpHost({ runner: unconfinedRunner() });
    let heard = 0;
    const onSurfaceChanged = (): void => {
      heard += 1;
    };
    await using plugin = await host.start("offers", spec("plain", { onSurfaceChanged }));
    await call(plugin, "add");
    expect(heard).toBe(1);
  });
});
