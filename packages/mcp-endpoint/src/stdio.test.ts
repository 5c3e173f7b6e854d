import type { FakeTool } from "@sigilrt/lifecycle/testing";
import { describe, expect, it } from "vitest";
import { type GatewaySetup, openGateway, openWire, userWith } from "./fixtures/gateway.ts";
import { legacyRequest, modernRequest } from "./fixtures/messages.ts";
import { gated, never, saying } from "./fixtures/tools.ts";

const open = (
  endpoint: GatewaySetup["endpoint"] = {},
  plugins: GatewaySetup["plugins"] = { files: { tools: { read: saying("r") } } },
): ReturnType<typeof openGateway> => openGateway({ plugins, endpoint });
const list = (id: unknown): object => legacyRequest("tools/list", {}, id);

describe("over streams", () => {
  it("ends when the input has ended and its calls are answered, not before", async () => {
    const { tool, begun, go } = gated();
    await using gateway = await open({}, { work: { tools: { run: tool } } });
    const wire = openWire(gateway);
    const events: string[] = [];
    const served = wire.served.then(() => events.push("served"));
    wire.say(legacyRequest("tools/call", { name: "work.run" }, 7));
    wire.input.end();
    await begun;
    events.push("let go");
    go();
    expect(await wire.next()).toMatchObject({ id: 7, result: { isError: false } });
    await served;
    expect(events).toEqual(["let go", "served"]);
  });

  it("answers the last line also without its end", async () => {
    await using gateway = await open();
    const wire = openWire(gateway);
    wire.input.end(JSON.stringify(list(1)));
    expect(await wire.next()).toMatchObject({ id: 1, result: {} });
    await wire.served;
  });

  it.each<readonly [string, string, number]>([
    ["a line that is no JSON", "hello", -32_700],
    ["a line that is too long", `"${"x".repeat(1_000)}"`, -32_000],
    ["a line that nests too deep", `{"a":${"[".repeat(64)}${"]".repeat(64)}}`, -32_600],
    ["a batch", JSON.stringify([list(1)]), -32_600],
    ["an object that is no message", '{"id":1,"method":"tools/list"}', -32_600],
    ["an id that is an object", '{"jsonrpc":"2.0","id":{},"method":"tools/list"}', -32_600],
    ["params that are a number", '{"jsonrpc":"2.0","id":1,"method":"ping","params":5}', -32_600],
  ])("refuses %s and reads on", async (_what, line, code) => {
    await using gateway = await open({ limits: { messageBytes: 500 } });
    const wire = openWire(gateway);
    wire.say(line);
    expect(await wire.next()).toMatchObject({ id: null, error: { code } });
    wire.say("\r");
    wire.say(list(2));
    expect(await wire.next()).toMatchObject({ id: 2, result: {} });
  });

  it("reads lines however they are cut", async () => {
    await using gateway = await open();
    const wire = openWire(gateway);
    const text = `${JSON.stringify(list("ä"))}\n${JSON.stringify(list(2))}\n`;
    for (const byte of Buffer.from(text)) wire.input.write(Buffer.of(byte));
    expect(await wire.next()).toMatchObject({ id: "ä" });
    expect(await wire.next()).toMatchObject({ id: 2 });
  });

  it("refuses the id of a request that is open, so that no answer is taken for another's", async () => {
    const { tool, begun, go } = gated();
    await using gateway = await open({}, { work: { tools: { run: tool } } });
    const wire = openWire(gateway);
    wire.say(legacyRequest("tools/call", { name: "work.run" }, 1));
    await begun;
    wire.say(list(1));
    expect(await wire.next()).toMatchObject({ id: 1, error: { code: -32_600 } });
    go();
    expect(await wire.next()).toMatchObject({ id: 1, result: {} });
    wire.say(list(1));
    expect(await wire.next()).toMatchObject({ id: 1, result: {} });
  });

  it("takes no more requests at a time than the endpoint may", async () => {
    const { tool, begun, go } = gated();
    await using gateway = await open(
      { limits: { requests: 1 } },
      { work: { tools: { run: tool } } },
    );
    const wire = openWire(gateway);
    wire.say(legacyRequest("tools/call", { name: "work.run" }, 1));
    await begun;
    wire.say(list(2));
    expect(await wire.next()).toMatchObject({ id: 2, error: { code: -32_000 } });
    go();
    expect(await wire.next()).toMatchObject({ id: 1, result: {} });
    wire.say(list(3));
    expect(await wire.next()).toMatchObject({ id: 3, result: {} });
  });

  it("asks for admission of each request", async () => {
    const asked: string[] = [];
    await using gateway = await open({
      admit: ({ user }) => {
        asked.push(user);
        if (asked.length === 3) return Promise.reject(new Error("redis is gone"));
        return Promise.resolve(asked.length === 1 ? { ok: true } : { ok: false, retryAfterMs: 5 });
      },
    });
    const wire = openWire(gateway, userWith(["*"], "bob"));
    wire.say(list(1));
    expect(await wire.next()).toMatchObject({ id: 1, result: {} });
    wire.say(list(2));
    expect(await wire.next()).toMatchObject({
      id: 2,
      error: { code: -32_000, data: { retryAfterMs: 5 } },
    });
    wire.say(list(3));
    const { error } = await wire.next();
    expect(error).toEqual({
      code: -32_603,
      message: "Internal error",
      data: { correlationId: gateway.faults[0]?.correlationId },
    });
    expect(asked).toEqual(["bob", "bob", "bob"]);
  });

  it("stops the calls of a client that no longer listens", async () => {
    const stopped = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const tool: FakeTool = async function* run(_call, { signal }) {
      signal.addEventListener("abort", () => stopped.resolve(), { once: true });
      begun.resolve();
      yield await never;
    };
    await using gateway = await open({}, { work: { tools: { run: tool } } });
    const wire = openWire(gateway);
    wire.say(legacyRequest("tools/call", { name: "work.run" }, 1));
    await begun.promise;
    wire.output.destroy();
    await stopped.promise;
    expect(await wire.served).toBeUndefined();
  });

  it("waits for no answer to a request that was cancelled", async () => {
    const begun = Promise.withResolvers<void>();
    const tool: FakeTool = async function* run() {
      begun.resolve();
      yield await never;
    };
    await using gateway = await open({}, { work: { tools: { run: tool } } });
    const wire = openWire(gateway);
    wire.say(legacyRequest("tools/call", { name: "work.run" }, 1));
    await begun.promise;
    wire.say({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } });
    wire.input.end();
    expect(await wire.served).toBeUndefined();
  });

  it("ends a subscription of 2026 with the connection, and promises no changes", async () => {
    await using gateway = await open();
    const wire = openWire(gateway);
    const notifications = { toolsListChanged: true };
    wire.say(modernRequest("subscriptions/listen", { notifications }, 1));
    expect(await wire.next()).toMatchObject({
      method: "notifications/subscriptions/acknowledged",
      params: { notifications: {} },
    });
    wire.input.end();
    expect(await wire.next()).toMatchObject({ id: 1, result: { resultType: "complete" } });
    await wire.served;
  });

  it("writes progress to those who asked for it, and no number that JSON does not have", async () => {
    const tool: FakeTool = async function* run() {
      yield { kind: "progress", progress: { completed: Number.NaN } };
      yield { kind: "progress", progress: { completed: 1, total: Number.POSITIVE_INFINITY } };
      yield { kind: "result", isError: false };
    };
    await using gateway = await open({}, { work: { tools: { run: tool } } });
    const wire = openWire(gateway);
    wire.say(legacyRequest("tools/call", { name: "work.run" }, 1));
    expect(await wire.next()).toMatchObject({ id: 1, result: {} });
    wire.say(legacyRequest("tools/call", { name: "work.run", _meta: { progressToken: "t" } }, 2));
    expect(await wire.next()).toEqual({
      jsonrpc: "2.0",
      method: "notifications/progress",
      params: { progressToken: "t", progress: 1 },
    });
    expect(await wire.next()).toMatchObject({ id: 2, result: {} });
  });

  it("holds a tool whose progress nobody reads", async () => {
    let sent = 0;
    const tool: FakeTool = async function* run() {
      for (; sent < 10_000; sent += 1) {
        yield { kind: "progress", progress: { completed: sent, message: "x".repeat(1_000) } };
      }
      yield { kind: "result", isError: false };
    };
    await using gateway = await open(
      {},
      {
        work: { tools: { run: tool } },
        files: { tools: { read: saying("r") } },
      },
    );
    const wire = openWire(gateway);
    wire.say(legacyRequest("tools/call", { name: "work.run", _meta: { progressToken: 1 } }, 1));
    // Another client is answered many times while the first one does not read.
    const other = openWire(gateway);
    for (let id = 0; id < 50; id += 1) {
      other.say(legacyRequest("tools/call", { name: "files.read" }, id));
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await other.next()).toMatchObject({ id });
    }
    expect(sent).toBeLessThan(100);
    for (let note = 0; note < 10_000; note += 1) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      await wire.next();
    }
    expect(await wire.next()).toMatchObject({ id: 1, result: {} });
  });
});
