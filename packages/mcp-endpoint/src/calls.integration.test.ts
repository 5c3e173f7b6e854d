import type { Client } from "@modelcontextprotocol/client";
import type { CallChunk, HostCall } from "@sigilrt/lifecycle";
import type { FakePlugin, FakeTool } from "@sigilrt/lifecycle/testing";
import type { Principal } from "@sigilrt/mcp-endpoint";
import { describe, expect, it } from "vitest";
import { eras, type HttpGateway, openHttpGateway, openWire, userWith } from "./fixtures/gateway.ts";
import { gated, never, saying, withTool } from "./fixtures/tools.ts";

const chunks = (...parts: readonly CallChunk[]): FakeTool =>
  async function* answer() {
    yield* parts;
  };
const offering = (definition: object): Partial<FakePlugin> => ({
  surface: { tools: [{ name: "run", description: "", inputSchema: {}, ...definition }] },
});

type Way = (gateway: HttpGateway, principal?: Principal) => Promise<Client>;
const ways = eras.flatMap(([name, era]): readonly (readonly [string, Way])[] => [
  [`over HTTP in ${name}`, (gateway) => gateway.connect(era)],
  [`over streams in ${name}`, (gateway, principal) => openWire(gateway, principal).connect(era)],
]);
const call = (client: Client, args: Record<string, unknown> = {}): Promise<unknown> =>
  client.callTool({ name: "work.run", arguments: args });

describe.each(ways)("a client %s", (_name, connectBy) => {
  it("lists what it may call, by name, and calls it", async () => {
    const seen: HostCall[] = [];
    const send: FakeTool = async function* send(request) {
      seen.push(request);
      yield { kind: "result", isError: false, structured: { sent: true } };
    };
    await using gateway = await openHttpGateway({
      plugins: {
        mail: { tools: { send } },
        files: { tools: { read: saying("r"), all: saying("a") } },
      },
    });
    const client = await connectBy(gateway);
    expect(client.getServerCapabilities()).toEqual({
      completions: {},
      logging: {},
      prompts: {},
      resources: {},
      tools: {},
    });
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["files.all", "files.read", "mail.send"]);
    const result = await client.callTool({ name: "mail.send", arguments: { to: "bob" } });
    expect(result).toMatchObject({ isError: false, structuredContent: { sent: true } });
    expect(seen).toMatchObject([
      { tool: "send", arguments: { to: "bob" }, principal: { workspace: "home", user: "ada" } },
    ]);
  });

  it("gets images, audio and other bytes as what they are", async () => {
    const data = new Uint8Array([1, 2, 3]);
    const binary = (mimeType: string, name?: string): CallChunk => ({
      kind: "content",
      content: { kind: "binary", mimeType, data, ...(name === undefined ? {} : { name }) },
    });
    const plugins = withTool(
      chunks(
        { kind: "content", content: { kind: "text", text: "see" } },
        binary("image/png"),
        binary("Audio/WAV"),
        binary("application/pdf", "a b.pdf"),
        binary("imagex/png", "note://7"),
        { kind: "result", isError: true },
      ),
    );
    await using gateway = await openHttpGateway({ plugins });
    expect(await call(await connectBy(gateway))).toMatchObject({
      isError: true,
      content: [
        { type: "text", text: "see" },
        { type: "image", mimeType: "image/png", data: "AQID" },
        { type: "audio", mimeType: "Audio/WAV", data: "AQID" },
        {
          type: "resource",
          resource: { uri: "sigil:result/3/a%20b.pdf", mimeType: "application/pdf", blob: "AQID" },
        },
        { type: "resource", resource: { uri: "note://7", mimeType: "imagex/png", blob: "AQID" } },
      ],
    });
  });

  it("reads a structured result that is no object, in the form of its era", async () => {
    const plugins = withTool(
      chunks({ kind: "result", isError: false, structured: [1, 2] }),
      offering({ outputSchema: { type: "array", items: { type: "number" } } }),
    );
    await using gateway = await openHttpGateway({ plugins });
    const client = await connectBy(gateway);
    await client.listTools();
    const isLegacy = client.getProtocolEra() === "legacy";
    expect(await call(client)).toMatchObject({
      structuredContent: isLegacy ? { result: [1, 2] } : [1, 2],
      content: [{ type: "text", text: "[1,2]" }],
    });
  });

  it("keeps its list when a plugin says nonsense about its tools", async () => {
    const nonsense = offering({
      annotations: { title: 5, readOnlyHint: true, destructiveHint: "no", evil: {} },
    });
    await using gateway = await openHttpGateway({
      plugins: {
        ...withTool(saying("w"), nonsense),
        bad: { tools: { run: saying("b") }, ...offering({ inputSchema: { type: "array" } }) },
      },
    });
    const client = await connectBy(gateway);
    const { tools } = await client.listTools();
    expect(tools).toMatchObject([
      { name: "work.run", inputSchema: { type: "object" }, annotations: { readOnlyHint: true } },
    ]);
    expect(tools[0]?.annotations).toEqual({ readOnlyHint: true });
    await expect(client.callTool({ name: "bad.run" })).rejects.toMatchObject({ code: -32_602 });
  });

  it("hears progress when it asks for it, and only then", async () => {
    const asked: boolean[] = [];
    const tool: FakeTool = async function* run() {
      yield { kind: "progress", progress: { completed: Number.NaN } };
      yield { kind: "progress", progress: { completed: 1, total: 2, message: "half" } };
      yield { kind: "progress", progress: { completed: 2, total: Number.POSITIVE_INFINITY } };
      yield { kind: "result", isError: false };
    };
    await using gateway = await openHttpGateway({ plugins: withTool(tool) });
    const client = await connectBy(gateway);
    const heard: unknown[] = [];
    await client.callTool({ name: "work.run" }, { onprogress: (note) => heard.push(note) });
    expect(heard).toEqual([{ progress: 1, total: 2, message: "half" }, { progress: 2 }]);
    client.fallbackNotificationHandler = () => Promise.resolve(void asked.push(true));
    await call(client);
    expect(asked).toEqual([]);
  });

  it("stops a call that it cancels", async () => {
    const { tool, begun, stopped } = gated();
    await using gateway = await openHttpGateway({
      plugins: { ...withTool(tool), files: { tools: { read: saying("still here") } } },
    });
    const client = await connectBy(gateway);
    const abort = new AbortController();
    const answer = client.callTool({ name: "work.run" }, { signal: abort.signal });
    await begun;
    abort.abort("enough");
    await expect(answer).rejects.toThrow("enough");
    await stopped;
    expect(await client.callTool({ name: "files.read" })).toMatchObject({
      content: [{ text: "still here" }],
    });
  });

  it("passes its trace on when it is one", async () => {
    const traces: unknown[] = [];
    const tool: FakeTool = async function* run({ traceparent }) {
      traces.push(traceparent);
      yield { kind: "result", isError: false };
    };
    await using gateway = await openHttpGateway({ plugins: withTool(tool) });
    const client = await connectBy(gateway);
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for (const claim of [traceparent, `${traceparent}\r\nx: y`, "", undefined]) {
      const meta = claim === undefined ? {} : { _meta: { traceparent: claim } };
      // oxlint-disable-next-line no-await-in-loop -- in order
      await client.callTool({ name: "work.run", ...meta });
    }
    expect(traces).toEqual([traceparent, undefined, undefined, undefined]);
  });

  it("is told why a tool that it sees is refused now, and when to try again", async () => {
    await using gateway = await openHttpGateway({
      plugins: withTool(saying("w")),
      manager: { guards: [() => ({ ok: false, retryAfterMs: 2_000 })] },
    });
    const result = await call(await connectBy(gateway));
    const { _meta: meta } = result as { readonly _meta: Record<string, { decisionId: string }> };
    const decisionId = meta["dev.sigilrt/decision"]?.decisionId ?? "";
    expect(result).toMatchObject({
      isError: true,
      content: [{ text: `Refused: limit, decision ${decisionId}, try again in 2 s` }],
      _meta: { "dev.sigilrt/decision": { reason: "limit", retryAfterMs: 2_000 } },
    });
    const { records } = await gateway.audit.query({ decision: decisionId });
    expect(records).toMatchObject([{ plugin: "work", result: "denied", reason: "limit" }]);
  });

  it("is told that a plugin is not there now, and its neighbours answer", async () => {
    const crash: FakeTool = async function* run(_call, context) {
      context.crash();
      yield await never;
    };
    await using gateway = await openHttpGateway({
      plugins: { ...withTool(crash), files: { tools: { read: saying("fine") } } },
    });
    const client = await connectBy(gateway);
    expect(await call(client)).toMatchObject({
      isError: true,
      content: [{ text: "Unavailable: crashed" }],
      _meta: { "dev.sigilrt/unavailable": { reason: "crashed" } },
    });
    expect(await client.callTool({ name: "files.read" })).toMatchObject({ isError: false });
  });

  it("cannot tell a tool that it may not use from one that does not exist", async () => {
    const reader = userWith(["tool.files.read"]);
    await using gateway = await openHttpGateway({
      plugins: { files: { tools: { read: saying("r"), wipe: saying("w") } } },
      tokens: { "ada-token": reader },
    });
    const client = await connectBy(gateway, reader);
    const answers = await Promise.all(
      ["files.wipe", "files.none", "none.none", "wipe", "", "files.", "x".repeat(1_000)].map(
        (name) => client.callTool({ name }).catch((error: unknown) => error),
      ),
    );
    for (const answer of answers) {
      expect(answer).toMatchObject({ code: -32_602, message: "Unknown tool" });
      expect((answer as { readonly data?: unknown }).data).toBeUndefined();
    }
  });
});
