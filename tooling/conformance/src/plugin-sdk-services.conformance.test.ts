import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type {
  ChannelHandle,
  ChatEvent,
  ChatRequest,
  HostCallOptions,
  InboundMessage,
  ProviderHandle,
  StartSpec,
} from "@sigilrt/lifecycle";
import { createProcessHost, type Runner, unconfinedRunner } from "@sigilrt/process-host";
import { describeWith } from "@sigilrt/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fixture } from "../fixtures/plugin-sdk/spawned-plugin.ts";
import { containedPrograms } from "./contained-programs.ts";

const principal = { workspace: "w", user: "u" };
const soon = (timeoutMs = 20_000): HostCallOptions => ({
  signal: new AbortController().signal,
  deadlineAt: Date.now() + timeoutMs,
});

const specOf = (
  args: readonly string[],
  more?: Pick<StartSpec, "root" | "entry">,
  allow: readonly string[] = [],
): StartSpec => ({
  identity: { plugin: "services", version: "1.0.0", digest: "tree1-sha256:0", epoch: 1, slot: 0 },
  adapter: "grpc",
  tier: "process",
  root: fixture("."),
  entry: { command: ["node", "--conditions=@sigilrt/source", fixture("services.ts"), ...args] },
  ...more,
  environment: {},
  config: {},
  secrets: {},
  grants: { allow, deny: [], readDeny: [] },
  limits: {
    memoryBytes: 2 ** 29,
    cpu: 1,
    pids: 32,
    maxResultBytes: 2 ** 20,
    startMs: 20_000,
    callMs: 20_000,
    idleMs: 20_000,
  },
});

interface Opened<H> extends AsyncDisposable {
  readonly handle: H;
}

async function opened(
  kind: "channel" | "provider",
  spec: StartSpec,
  runner: Runner = unconfinedRunner(),
): Promise<Opened<ChannelHandle | ProviderHandle>> {
  const host = createProcessHost({ runner });
  try {
    const plugin = await host.start("services", spec);
    const handle = await plugin.open(kind, { principal });
    return { handle, [Symbol.asyncDispose]: () => host.close() };
  } catch (error) {
    await host.close();
    throw error;
  }
}

async function channelOf(...args: readonly string[]): Promise<Opened<ChannelHandle>> {
  const { handle, ...rest } = await opened("channel", specOf(["channel", ...args]));
  if (handle.kind !== "channel") throw new Error("no channel");
  return { handle, ...rest };
}

async function providerOf(spec: StartSpec, runner?: Runner): Promise<Opened<ProviderHandle>> {
  const { handle, ...rest } = await opened("provider", spec, runner);
  if (handle.kind !== "provider") throw new Error("no provider");
  return { handle, ...rest };
}

describe("a channel of the SDK under our host", () => {
  it("sends, and hands on what arrives, whole and in order", async () => {
    await using run = await channelOf();
    const { handle } = run;
    const listening = new AbortController();
    const inbound = handle.inbound({ signal: listening.signal })[Symbol.asyncIterator]();
    const first = inbound.next();
    const media = [{ url: "https://x.test/a", mimeType: "image/png", filename: "a", sizeBytes: 7 }];
    const message = { channelId: "c1", content: "hello ü", threadId: "t1", media };
    expect(await handle.send({ ...message, replyToMessageId: "m9" }, soon())).toEqual({
      platformMessageId: "m0",
    });
    const expected: InboundMessage = {
      messageId: "m0",
      channelId: "c1",
      content: "hello ü",
      threadId: "t1",
      media,
      sender: { userId: "", platform: "echo", platformUserId: "p1", displayName: "Echo" },
      timestampMs: Date.parse("2026-01-02T03:04:05.678Z"),
      metadata: { replyTo: "m9" },
    };
    expect((await first).value).toEqual(expected);
    for (const content of ["a", "b", "c"]) {
      // oxlint-disable-next-line no-await-in-loop -- in their order
      await handle.send({ channelId: "c1", content }, soon());
    }
    const contents = [await inbound.next(), await inbound.next(), await inbound.next()];
    expect(contents.map(({ value }) => value.content)).toEqual(["a", "b", "c"]);
    await inbound.return?.();
  });

  it("says why a message was not sent, and keeps what it did not mean to say", async () => {
    await using run = await channelOf();
    const send = (content: string): Promise<unknown> =>
      run.handle.send({ channelId: "c1", content }, soon());
    await expect(send("refuse")).rejects.toThrow("the channel is muted");
    await expect(send("throw")).rejects.toThrow("send failed with TypeError");
    await expect(send("throw")).rejects.not.toThrow("hunter2");
    expect(await send("hello")).toEqual({ platformMessageId: "m0" });
  });

  it("shows a presence and looks people up", async () => {
    await using run = await channelOf();
    const { handle } = run;
    for (const status of ["online", "typing", "offline"] as const) {
      // oxlint-disable-next-line no-await-in-loop -- in their order
      await handle.presence("c1", status, soon());
    }
    expect(await handle.identity("p7", soon())).toEqual({
      userId: "u1",
      platform: "echo",
      platformUserId: "p7",
      displayName: "c1 online, c1 typing, c1 offline",
    });
    await expect(handle.presence("nowhere", "online", soon())).rejects.toThrow("no such channel");
  });

  it("says that it has no presence and no identities when it has none", async () => {
    const unserved = { code: "TYPE_UNSUPPORTED" };
    await using run = await channelOf("bare");
    await expect(run.handle.presence("c1", "online", soon())).rejects.toMatchObject(unserved);
    await expect(run.handle.identity("p7", soon())).rejects.toMatchObject(unserved);
  });

  it("is no provider, and says so", async () => {
    await expect(opened("provider", specOf(["channel"]))).rejects.toMatchObject({
      code: "TYPE_UNSUPPORTED",
    });
  });
});

/** A model server that answers a question word by word. */
let models: Server;
let address: string;
/** What it was asked. */
let asked: string[];
beforeEach(async () => {
  asked = [];
  models = createServer((request, response) => {
    void text(request).then((question) => {
      asked.push(question);
      if (question.includes("no key")) return response.writeHead(401).end();
      if (question.includes("for ever")) return response.write("and\n");
      for (const word of ["one\n", "two\n", "three\n"]) response.write(word);
      return response.end();
    });
  }).listen(0, "127.0.0.1");
  await once(models, "listening");
  address = `http://127.0.0.1:${(models.address() as AddressInfo).port}`;
});
afterEach(() => {
  models.closeAllConnections();
  models.close();
});

const question = (content: string, more: Partial<ChatRequest> = {}): ChatRequest => ({
  model: "words-1",
  messages: [{ role: "user", content }],
  ...more,
});

async function answerOf(
  { handle }: Opened<ProviderHandle>,
  request: ChatRequest,
  options = soon(),
): Promise<readonly ChatEvent[]> {
  const events: ChatEvent[] = [];
  for await (const event of handle.chat(request, options)) events.push(event);
  return events;
}

const wholeAnswer: readonly ChatEvent[] = [
  { kind: "text", text: "one" },
  { kind: "text", text: "two" },
  { kind: "text", text: "three" },
  { kind: "tool_call", id: "t1", name: "look", arguments: { words: 3 } },
  {
    kind: "usage",
    usage: { inputTokens: 1, outputTokens: 3, cacheReadTokens: 0, cacheWriteTokens: 0 },
  },
  { kind: "done" },
];

describe("a provider of the SDK under our host", () => {
  const spec = (): StartSpec => specOf(["provider", address]);

  it("lists its models and says how it is", async () => {
    await using run = await providerOf(spec());
    expect(await run.handle.models(soon())).toMatchObject([
      {
        id: "words-1",
        name: "Words",
        provider: "local",
        capabilities: { supportsStreaming: true },
      },
    ]);
    expect(await run.handle.status(soon())).toEqual({
      available: false,
      provider: "services",
      message: "cooling down",
      failureCount: 2,
      cooldownUntilMs: Date.parse("2026-01-02T03:04:05.678Z"),
    });
  });

  it("streams what a model answers over HTTP", async () => {
    await using run = await providerOf(spec());
    const inputSchema = { type: "object" };
    const request = question("hello", {
      systemPrompt: "be brief",
      temperature: 0.5,
      stopSequences: ["stop"],
      tools: [{ name: "look", description: "Looks", inputSchema }],
    });
    expect(await answerOf(run, request)).toEqual(wholeAnswer);
    expect(JSON.parse(asked[0] ?? "")).toEqual({
      messages: [{ role: "user", content: "hello", toolCallId: "", toolName: "" }],
      tools: [{ name: "look", description: "Looks", inputSchema }],
      systemPrompt: "be brief",
      temperature: 0.5,
      stopSequences: ["stop"],
    });
  });

  it("ends with an error that its author meant, or with the name of one that he did not", async () => {
    await using run = await providerOf(spec());
    expect(await answerOf(run, question("x", { model: "unknown" }))).toEqual([
      { kind: "error", message: "no such model" },
    ]);
    expect(await answerOf(run, question("no key"))).toEqual([
      { kind: "error", message: "chat failed with TypeError" },
    ]);
  });

  it("stops asking the model when nobody waits any more", async () => {
    await using run = await providerOf(spec());
    const closed = new Promise((resolve) => {
      models.on("request", (request) => request.socket.on("close", resolve));
    });
    for await (const event of run.handle.chat(question("for ever"), soon())) {
      expect(event).toEqual({ kind: "text", text: "and" });
      break;
    }
    await closed;
    expect(await answerOf(run, question("hello"))).toEqual(wholeAnswer);
  });
});

describeWith(["bwrap", "prlimit"], "a provider of the SDK in the sandbox", () => {
  it("reaches its model through the proxy, and no other", async () => {
    const decisions: string[] = [];
    await using programs = await containedPrograms(async ({ host, port, outcome }) => {
      decisions.push(`${outcome} ${host}:${port}`);
    });
    const root = join(programs.home, "services");
    await programs.bundle(fixture("services.ts"), root);
    const { host, port } = new URL(address);
    const command = ["node", "main.mjs", "provider", address] as const;
    const granted = specOf([], { root, entry: { command } }, [`net.connect.${host}`]);
    await using run = await providerOf(granted, programs.runner);
    expect(await answerOf(run, question("hello"))).toEqual(wholeAnswer);
    expect(decisions).toEqual([`allowed 127.0.0.1:${port}`]);

    const other = specOf([], { root, entry: { command } }, ["net.connect.127.0.0.1:1"]);
    await using outside = await providerOf(other, programs.runner);
    expect(await answerOf(outside, question("hello"))).toEqual([
      { kind: "error", message: "chat failed with TypeError" },
    ]);
    expect(asked).toHaveLength(1);
    expect(decisions.at(-1)).toBe(`denied 127.0.0.1:${port}`);
  });
});
