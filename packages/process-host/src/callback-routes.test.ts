import { duplexPair, type Duplex } from "node:stream";
import { STATUS } from "@sigilrt/protocol";
import { clientMethod, createGrpcServer, openGrpcChannel } from "@sigilrt/protocol/node";
import { HostCallbacks as Service } from "@sigilrt/protocol/plugin/v1";
import { describe, expect, it } from "vitest";
import { callbackRoutes } from "./callback-routes.ts";
import { type CallbackContext, type HostCallbacks, ProcessHostError } from "./index.ts";
import { createRunningCallIds, type RunningCallIds } from "./running-call-ids.ts";

const { method: wire } = Service;
const identity = { plugin: "p", version: "1.0.0", digest: "tree1-sha256:0", epoch: 1, slot: 0 };

/** A plugin's connection to the callbacks of the host. */
async function asking(callbacks: HostCallbacks, calls: RunningCallIds = createRunningCallIds()) {
  const server = createGrpcServer(callbackRoutes(callbacks, { id: "one", identity, calls }));
  const [near, far]: [Duplex, Duplex] = duplexPair();
  server.accept(far);
  const channel = await openGrpcChannel(async () => near);
  return {
    channel,
    get: (request: { readonly callId?: string; readonly key?: string }) =>
      channel.unary(clientMethod(wire.kvGet), { key: "k", ...request }),
    [Symbol.asyncDispose]: async () => {
      await channel.close();
      await server.close();
    },
  };
}

const refusal = (code: "CALLBACK_DENIED" | "CALLBACK_MALFORMED"): ProcessHostError =>
  new ProcessHostError(code, "a secret reason", { phase: "call" });

const found = async () => ({ value: Uint8Array.of(1), version: 7 });

const denied = { status: STATUS.PERMISSION_DENIED, message: expect.stringMatching(/, denied$/u) };
const malformed = {
  status: STATUS.INVALID_ARGUMENT,
  message: expect.stringMatching(/, malformed$/u),
};

describe("who asks", () => {
  it("is told by the connection, and the call by its id", async () => {
    const contexts: CallbackContext[] = [];
    const calls = createRunningCallIds();
    await using run = await asking(
      {
        kvGet: async (_, context) => {
          contexts.push(context);
          return await found();
        },
      },
      calls,
    );
    calls.begin("call-1");
    expect(await run.get({ callId: "call-1" })).toMatchObject({ found: true, version: 7n });
    await run.get({});
    expect(contexts).toMatchObject([{ id: "one", identity, requestId: "call-1" }, { id: "one" }]);
    expect(contexts[1]).not.toHaveProperty("requestId");
  });

  it("cannot ask in the name of a call of another plugin, or of one that has ended", async () => {
    let asked = 0;
    const callbacks: HostCallbacks = {
      kvGet: () => {
        asked += 1;
        return found();
      },
    };
    const own = createRunningCallIds();
    const others = createRunningCallIds();
    others.begin("of another");
    await using run = await asking(callbacks, own);
    await expect(run.get({ callId: "of another" })).rejects.toMatchObject(denied);
    const end = own.begin("own");
    await run.get({ callId: "own" });
    end();
    await expect(run.get({ callId: "own" })).rejects.toMatchObject(denied);
    expect(asked).toBe(1);
  });

  it("is heard no longer than its call runs", async () => {
    const calls = createRunningCallIds();
    const end = calls.begin("call-1");
    const begun = Promise.withResolvers<void>();
    const reason = Promise.withResolvers<unknown>();
    await using run = await asking(
      {
        kvGet: (_, { signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener("abort", () => {
              reason.resolve(signal.reason.message);
              reject(signal.reason);
            });
            begun.resolve();
          }),
      },
      calls,
    );
    const got = run.get({ callId: "call-1" });
    got.catch(() => undefined);
    await begun.promise;
    end();
    expect(await reason.promise).toBe("the call has ended");
    await expect(got).rejects.toMatchObject({ status: STATUS.INTERNAL });
  });
});

describe("an answer", () => {
  it("is UNIMPLEMENTED where there is no callback", async () => {
    await using run = await asking({});
    const unimplemented = { status: STATUS.UNIMPLEMENTED };
    await expect(run.get({})).rejects.toMatchObject(unimplemented);
    await expect(
      run.channel.unary(clientMethod(wire.sendMessage), { send: { channelId: "c" } }),
    ).rejects.toMatchObject(unimplemented);
  });

  it.each([
    ["denied", refusal("CALLBACK_DENIED"), STATUS.PERMISSION_DENIED],
    ["malformed", refusal("CALLBACK_MALFORMED"), STATUS.INVALID_ARGUMENT],
    ["failed", new Error("/home/ada/secret"), STATUS.INTERNAL],
  ])("is the one word %s, and nothing of what stands behind", async (word, error, status) => {
    await using run = await asking({
      kvGet: () => Promise.reject(error),
      // oxlint-disable-next-line require-yield -- it fails before
      async *callTool() {
        throw error;
      },
    });
    const wanted = {
      status,
      message: expect.stringMatching(new RegExp(`: [A-Z_]+, ${word}$`, "u")),
    };
    await expect(run.get({})).rejects.toMatchObject(wanted);
    const chunks = run.channel.stream(clientMethod(wire.callTool), { call: { toolName: "t" } });
    await expect(chunks[Symbol.asyncIterator]().next()).rejects.toMatchObject(wanted);
  });
});

describe("a malformed request", () => {
  const never = (): never => {
    throw new Error("a callback was asked");
  };
  const callbacks: HostCallbacks = {
    kvGet: never,
    kvPut: never,
    kvDelete: never,
    kvList: never,
    readConfig: never,
    readSession: never,
    sendMessage: never,
    callTool: never,
    chat: never,
  };
  const long = "x".repeat(1025);

  it.each([
    ["a key that is empty", wire.kvGet, { key: "" }],
    ["a key that is too long", wire.kvGet, { key: long }],
    ["a write without a key", wire.kvPut, { value: Uint8Array.of(1) }],
    ["a version that no number holds", wire.kvPut, { key: "k", expectedVersion: 2n ** 63n }],
    ["a deletion without a key", wire.kvDelete, {}],
    ["a prefix that is too long", wire.kvList, { prefix: long }],
    ["a token that is too long", wire.kvList, { pageToken: long }],
    ["a setting without a name", wire.readConfig, {}],
    ["no session", wire.readSession, {}],
    ["no message", wire.sendMessage, {}],
    ["a message to nowhere", wire.sendMessage, { send: { content: "hello" } }],
  ] as const)("%s reaches no callback", async (_what, method, request) => {
    await using run = await asking(callbacks);
    const given: object = request;
    const call = run.channel.unary(clientMethod(method as typeof wire.kvGet), given);
    await expect(call).rejects.toMatchObject(malformed);
  });

  it.each([
    ["no call", wire.callTool, {}],
    ["a tool without a name", wire.callTool, { call: { arguments: "{}" } }],
    ["arguments that are no JSON", wire.callTool, { call: { toolName: "t", arguments: "{" } }],
    ["arguments that are no object", wire.callTool, { call: { toolName: "t", arguments: "[]" } }],
    ["no question", wire.chat, {}],
  ] as const)("%s reaches no callback that streams", async (_what, method, request) => {
    await using run = await asking(callbacks);
    const call = run.channel.stream(clientMethod(method as typeof wire.callTool), request);
    await expect(call[Symbol.asyncIterator]().next()).rejects.toMatchObject(malformed);
  });
});
