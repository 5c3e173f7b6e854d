import { createConnection } from "node:net";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import {
  type CallbackContext,
  createProcessHost,
  type HostCallbacks,
  ProcessHostError,
  type RunningProcess,
  type Runner,
  unconfinedRunner,
} from "@sigilrt/process-host";
import { describe, expect, it } from "vitest";
import { call } from "../fixtures/plugin-sdk/hosted-plugin.ts";

const program = fileURLToPath(new URL("../fixtures/plugin-sdk/asking-plugin.ts", import.meta.url));

interface Asked {
  readonly name: string;
  readonly request: unknown;
  readonly context: CallbackContext;
}

/** Callbacks that answer everything, and what they were asked. */
function answering(): { readonly callbacks: HostCallbacks; readonly asked: readonly Asked[] } {
  const asked: Asked[] = [];
  const note = (name: string, request: unknown, context: CallbackContext): void => {
    asked.push({ name, request, context });
  };
  const callbacks: HostCallbacks = {
    kvGet: async (request, context) => {
      note("kvGet", request, context);
      return request.key === "missing" ? undefined : { value: Uint8Array.of(9), version: 3 };
    },
    kvPut: async (request, context) => {
      note("kvPut", request, context);
      return { stored: true, version: 4 };
    },
    kvDelete: async (request, context) => {
      note("kvDelete", request, context);
      return true;
    },
    kvList: async (request, context) => {
      note("kvList", request, context);
      return { keys: ["colour", "country"], nextPageToken: "b" };
    },
    readConfig: async (request, context) => {
      note("readConfig", request, context);
      return { name: "Bern", at: [46.9, 7.4], old: true, none: null };
    },
    readSession: async (request, context) => {
      note("readSession", request, context);
      const message = { id: "m1", role: "assistant", content: "hello" } as const;
      return { messages: [{ ...message, createdAtMs: 1500 }] };
    },
    sendMessage: async (request, context) => {
      note("sendMessage", request, context);
      return { platformMessageId: "p1" };
    },
    async *callTool(request, context) {
      note("callTool", request, context);
      yield { kind: "content", content: { kind: "text", text: "words" } };
      yield { kind: "progress", progress: { completed: 1 } };
      const data = new Uint8Array(1_500_000).fill(1);
      const mimeType = "application/x-test";
      yield { kind: "content", content: { kind: "binary", mimeType, data: data.slice(0, 2) } };
      yield { kind: "result", isError: false, structured: { rows: [1, "two", null] } };
    },
    async *chat(request, context) {
      note("chat", request, context);
      yield { kind: "text", text: "hello" };
      yield { kind: "tool_call", id: "t", name: "n", arguments: { a: 1 } };
      const cache = { cacheReadTokens: 0, cacheWriteTokens: 0 };
      yield { kind: "usage", usage: { inputTokens: 1, outputTokens: 2, ...cache } };
      yield { kind: "done" };
    },
  };
  return { callbacks, asked };
}

async function started(
  callbacks: HostCallbacks | undefined,
  mtls: "required" | "off" = "required",
  runner: Runner = unconfinedRunner(),
  lane: "required" | "off" | "auto" = "auto",
  multiplex: "required" | "off" = "off",
  ...more: readonly string[]
) {
  const host = createProcessHost({
    runner,
    lane,
    broker: { multiplex },
    security: { mtls },
    ...(callbacks === undefined ? {} : { callbacks }),
  });
  const args = ["--conditions=@sigilrt/source", program, ...more];
  const plugin = await host.launch({ path: process.execPath, args }, { id: "asking" });
  return { plugin, [Symbol.asyncDispose]: () => host.close() };
}

const ask = async (plugin: RunningProcess, what: string, tool = "ask"): Promise<string> => {
  const [first] = await call(plugin, tool, { what });
  return first?.kind === "content" && first.content.kind === "text" ? first.content.text : "?";
};

describe.each([
  ["required", "off", "off"],
  ["off", "off", "off"],
  ["required", "off", "required"],
  ["off", "off", "required"],
  ["off", "required", "off"],
  ["required", "required", "required"],
] as const)("a plugin asks its host, mtls %s, lane %s, multiplex %s", (mtls, lane, multiplex) => {
  it("and gets each answer whole", async () => {
    const { callbacks, asked } = answering();
    await using run = await started(callbacks, mtls, unconfinedRunner(), lane, multiplex);
    expect([...run.plugin.features].toSorted()).toEqual([
      "host.callbacks/1",
      ...(lane === "off" ? [] : ["lane.framed/1"]),
      "tool.chunks/1",
    ]);
    const whats = "get none put delete list config session send tool chat".split(" ");
    const answers: unknown[] = [];
    // oxlint-disable-next-line no-await-in-loop -- in order
    for (const what of whats) answers.push(JSON.parse(await ask(run.plugin, what)));
    expect(answers).toEqual([
      { value: "09", version: 3 },
      "nothing",
      { stored: true, version: 4 },
      true,
      { keys: ["colour", "country"], nextPageToken: "b" },
      { name: "Bern", at: [46.9, 7.4], old: true, none: null },
      {
        messages: [
          {
            id: "m1",
            role: "assistant",
            content: "hello",
            toolCallId: "",
            toolName: "",
            createdAt: "1970-01-01T00:00:01.500Z",
          },
        ],
      },
      { platformMessageId: "p1" },
      [
        { text: "words" },
        { binary: { mimeType: "application/x-test", data: "0101" } },
        { structured: { rows: [1, "two", null] } },
      ],
      [
        { text: "hello" },
        { toolCall: { id: "t", name: "n", arguments: { a: 1 } } },
        { usage: { inputTokens: 1, outputTokens: 2, cacheReadTokens: 0, cacheWriteTokens: 0 } },
      ],
    ]);
    expect(asked.map(({ name, request }) => [name, request])).toEqual([
      ["kvGet", { key: "colour" }],
      ["kvGet", { key: "missing" }],
      ["kvPut", { key: "colour", value: Uint8Array.of(1, 2), expectedVersion: 3 }],
      ["kvDelete", { key: "colour" }],
      ["kvList", { prefix: "co", pageToken: "a", limit: 2 }],
      ["readConfig", { key: "city" }],
      ["readSession", { sessionId: "s1", pageToken: "", limit: 1 }],
      ["sendMessage", { channelId: "c", content: "hello", threadId: "t", media: [] }],
      ["callTool", { tool: "other.tool", arguments: { a: [1, null, "x"] } }],
      [
        "chat",
        { model: "m", messages: [{ role: "user", content: "hi" }], tools: [], stopSequences: [] },
      ],
    ]);
    expect(new Set(asked.map(({ context }) => context.id))).toEqual(new Set(["asking"]));
    expect(new Set(asked.map(({ context }) => context.requestId))).toEqual(new Set(["call-1"]));
  });
});

describe.each(["off", "required"] as const)("a question, lane %s", (lane) => {
  const askable = (callbacks?: HostCallbacks) =>
    started(callbacks, "required", unconfinedRunner(), lane);

  it("outside of a call is the plugin's own", async () => {
    const { callbacks, asked } = answering();
    await using run = await askable(callbacks);
    expect(JSON.parse(await ask(run.plugin, "get", "askByItself"))).toMatchObject({ version: 3 });
    expect(asked[0]?.context).not.toHaveProperty("requestId");
  });

  it("in the name of a call that has ended does not reach a callback", async () => {
    const { callbacks, asked } = answering();
    await using run = await askable(callbacks);
    await ask(run.plugin, "get", "keep");
    expect(asked).toHaveLength(1);
    expect(await ask(run.plugin, "get", "askLater")).toMatch(/^CALLBACK_/u);
  });

  it("that is denied, malformed, failed or not answered reads as such, and as no more", async () => {
    const refuse = (code: "CALLBACK_DENIED" | "CALLBACK_MALFORMED") => async () => {
      throw new ProcessHostError(code, "a secret reason", { phase: "call" });
    };
    await using run = await askable({
      kvGet: refuse("CALLBACK_DENIED"),
      kvDelete: refuse("CALLBACK_MALFORMED"),
      readConfig: async () => {
        throw new Error("a secret reason");
      },
      async *callTool() {
        yield { kind: "result", isError: true };
      },
    });
    const whats = ["get", "delete", "config", "tool", "send"];
    const answers = await Promise.all(whats.map((what) => ask(run.plugin, what)));
    expect(answers).toEqual([
      expect.stringMatching(/^CALLBACK_DENIED: /u),
      expect.stringMatching(/^CALLBACK_FAILED: .*INVALID_ARGUMENT, malformed$/u),
      expect.stringMatching(/^CALLBACK_FAILED: .*INTERNAL, failed$/u),
      expect.stringMatching(/^CALLBACK_FAILED: .*the tool failed$/u),
      expect.stringMatching(/^CALLBACK_FAILED: .*UNIMPLEMENTED/u),
    ]);
    expect(answers.join(" ")).not.toContain("secret");
  });

  it("cannot be asked where the host offers nothing", async () => {
    await using run = await askable();
    expect(run.plugin.features).not.toContain("host.callbacks/1");
    expect(await ask(run.plugin, "get")).toBe("the host answers nothing");
  });

  it("of a plugin that reaches no socket of the host goes by the lane alone", async () => {
    const { callbacks } = answering();
    const runner = connectingRunner();
    await using apart = await started(callbacks, "required", runner, lane, "off", "ask-in-init");
    const answers = await Promise.all(
      ["askByItself", "ask"].map((tool) => ask(apart.plugin, "delete", tool)),
    );
    expect(answers).toEqual(
      Array.from({ length: 2 }, () => (lane === "off" ? "the host answers nothing" : "true")),
    );
    // In `init` there is no lane yet; waiting for it there would be waiting for ever.
    expect(await ask(apart.plugin, "", "askedInInit")).toBe(
      lane === "off"
        ? "the host answers nothing"
        : "CALLBACK_FAILED: Cannot get an answer of the host: it answers once init has ended",
    );
  });

  it("of a multiplexed plugin needs no socket of the host", async () => {
    const { callbacks } = answering();
    const runner = connectingRunner();
    await using apart = await started(callbacks, "required", runner, lane, "required");
    const tools = ["askByItself", "ask"];
    expect(await Promise.all(tools.map((tool) => ask(apart.plugin, "delete", tool)))).toEqual([
      "true",
      "true",
    ]);
  });
});

/** A runner that connects for the host, as a confining one does. */
function connectingRunner(): Runner {
  const base = unconfinedRunner();
  return {
    ...base,
    spawn: async (request, signal) => ({
      ...(await base.spawn(request, signal)),
      connect: async ({ address }) => {
        const socket = createConnection(address);
        await once(socket, "connect");
        return socket;
      },
    }),
  };
}
