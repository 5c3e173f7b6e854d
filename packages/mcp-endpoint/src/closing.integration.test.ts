import { once } from "node:events";
import { connect } from "node:net";
import { createManualClock } from "@sigilrt/lifecycle/testing";
import type { FakeTool } from "@sigilrt/lifecycle/testing";
import { describe, expect, it } from "vitest";
import { eras, openHttpGateway, openWire, userWith } from "./fixtures/gateway.ts";
import {
  legacyRequest,
  messageOf,
  modernHeaders,
  modernRequest,
  rawRequest,
} from "./fixtures/messages.ts";
import { gated } from "./fixtures/tools.ts";

const params = { name: "work.run", arguments: {} };
interface ToSend {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: object;
}
const requests: Readonly<Record<string, ToSend>> = {
  "2025-11-25": { body: legacyRequest("tools/call", params) },
  "2026-07-28": {
    headers: modernHeaders("tools/call", "work.run"),
    body: modernRequest("tools/call", params),
  },
};

describe("closing", () => {
  it.each(eras)("refuses new requests and lets open ones of %s finish", async (name) => {
    const { tool, begun, go } = gated();
    await using gateway = await openHttpGateway({ plugins: { work: { tools: { run: tool } } } });
    const raw = requests[name] ?? {};
    const answer = gateway.send(raw);
    await begun;
    const closed = gateway.endpoint.close();
    expect(gateway.endpoint.close()).toBe(closed);
    expect((await gateway.send(raw)).status).toBe(503);
    await expect(openWire(gateway).served).rejects.toThrow("closed");
    go();
    expect(messageOf(await answer)).toMatchObject({ result: { content: [{ text: "done" }] } });
    await closed;
    expect((await gateway.send(raw)).status).toBe(503);
    await gateway.endpoint[Symbol.asyncDispose]();
  });

  it.each(eras)("ends open calls of %s when its time is over", async (name) => {
    const clock = createManualClock();
    const { tool, begun, stopped } = gated();
    await using gateway = await openHttpGateway({
      plugins: { work: { tools: { run: tool } } },
      endpoint: { clock, limits: { drainMs: 1_000 } },
    });
    const answer = gateway.send(requests[name] ?? {});
    await begun;
    const closed = gateway.endpoint.close();
    await clock.advance(1_000);
    await stopped;
    const { status, body } = await answer;
    // What has begun to stream ends without an answer.
    expect([status, body.includes("closing")]).toEqual(
      name === "2026-07-28" ? [503, true] : [200, false],
    );
    expect(await closed).toBeUndefined();
  });

  it("ends open calls when the caller has no more patience, at once or later", async () => {
    const { tool, begun, stopped } = gated();
    await using gateway = await openHttpGateway({ plugins: { work: { tools: { run: tool } } } });
    const wire = openWire(gateway);
    wire.say(legacyRequest("tools/call", params));
    await begun;
    const patience = new AbortController();
    const closed = gateway.endpoint.close({ signal: patience.signal });
    patience.abort();
    await stopped;
    await closed;
    expect(await wire.served).toBeUndefined();
  });

  it("does not wait for a body that does not come", async () => {
    const asked = Promise.withResolvers<void>();
    await using gateway = await openHttpGateway({
      plugins: {},
      endpoint: {
        tokens: {
          verify: () => {
            asked.resolve();
            return Promise.resolve(userWith(["*"]));
          },
        },
      },
    });
    const socket = connect(gateway.port, "127.0.0.1");
    socket.write(
      "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer x\r\nContent-Length: 9\r\n\r\n{",
    );
    await asked.promise;
    await gateway.endpoint.close({ signal: AbortSignal.abort() });
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 503 /u);
    socket.destroy();
  });
});

describe("what is open", () => {
  it("is no more than the limit", async () => {
    const { tool, begun, go } = gated();
    await using gateway = await openHttpGateway({
      plugins: { work: { tools: { run: tool } } },
      endpoint: { limits: { requests: 1 } },
    });
    const answer = gateway.send(requests["2025-11-25"] ?? {});
    await begun;
    const refused = await gateway.send({ body: legacyRequest("tools/list") });
    expect([refused.status, refused.headers["retry-after"]]).toEqual([503, "1"]);
    go();
    await answer;
    await gateway.handled[0];
    expect((await gateway.send({ body: legacyRequest("tools/list") })).status).toBe(200);
  });

  it.each(eras)(
    "counts a call of %s until it has ended, also when its client left",
    async (name) => {
      const { tool, begun } = gated();
      const recording = Promise.withResolvers<void>();
      const disk = Promise.withResolvers<void>();
      await using gateway = await openHttpGateway({
        plugins: { work: { tools: { run: tool } } },
        endpoint: { limits: { requests: 1 } },
        // The call has ended when its outcome is on record.
        wrapAudit: (audit) => ({
          query: (filter, page) => audit.query(filter, page),
          async append(records, options) {
            if (records.some(({ action }) => action === "call.completed")) {
              recording.resolve();
              await disk.promise;
            }
            return audit.append(records, options);
          },
        }),
      });
      const { headers = {}, body = {} } = requests[name] ?? {};
      const socket = connect(gateway.port, "127.0.0.1");
      socket.write(rawRequest(headers, body));
      await begun;
      socket.destroy();
      await recording.promise;
      const list = { body: legacyRequest("tools/list") };
      expect((await gateway.send(list)).status).toBe(503);
      disk.resolve();
      await gateway.handled[0];
      expect((await gateway.send(list)).status).toBe(200);
    },
  );

  it("is no more than a user's share, and leaves room for the others", async () => {
    const { tool, begun, go } = gated();
    await using gateway = await openHttpGateway({
      plugins: { work: { tools: { run: tool } } },
      tokens: { "ada-token": userWith(["*"]), "bob-token": userWith(["*"], "bob") },
      endpoint: { limits: { requestsPerUser: 1 } },
    });
    const answer = gateway.send(requests["2025-11-25"] ?? {});
    await begun;
    const list = { body: legacyRequest("tools/list") };
    const refused = await gateway.send(list);
    expect([refused.status, refused.headers["retry-after"]]).toEqual([429, "1"]);
    const headers = { authorization: "Bearer bob-token" };
    expect((await gateway.send({ ...list, headers })).status).toBe(200);
    go();
    await answer;
    await gateway.handled[0];
    expect((await gateway.send(list)).status).toBe(200);
  });

  it("gives its place back when a client does not read its answer", async () => {
    const begun = Promise.withResolvers<void>();
    const big: FakeTool = async function* big() {
      begun.resolve();
      yield { kind: "content", content: { kind: "text", text: "x".repeat(32 * 1_048_576) } };
      yield { kind: "result", isError: false };
    };
    await using gateway = await openHttpGateway({
      plugins: { work: { tools: { run: big } } },
      endpoint: { limits: { requests: 1, readerMs: 200 } },
    });
    const socket = connect(gateway.port, "127.0.0.1");
    socket.pause();
    const left = once(socket, "close");
    socket.write(rawRequest({}, legacyRequest("tools/call", params)));
    await begun.promise;
    expect(await gateway.handled[0]).toBeUndefined();
    socket.on("error", () => undefined);
    socket.resume();
    await left;
    const next = await gateway.send({ body: legacyRequest("tools/list") });
    expect(next.status).toBe(200);
  });

  it("holds a tool whose progress nobody reads", async () => {
    let sent = 0;
    const stopped = Promise.withResolvers<void>();
    const chatty: FakeTool = async function* chatty(_call, { signal }) {
      signal.addEventListener("abort", () => stopped.resolve(), { once: true });
      for (; sent < 1_000_000; sent += 1) {
        yield { kind: "progress", progress: { completed: sent, message: "x".repeat(65_536) } };
      }
      yield { kind: "result", isError: false };
    };
    await using gateway = await openHttpGateway({
      plugins: { work: { tools: { run: chatty } } },
      endpoint: { limits: { readerMs: 200 } },
    });
    const asking = legacyRequest("tools/call", { ...params, _meta: { progressToken: 1 } });
    const socket = connect(gateway.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.pause();
    socket.write(rawRequest({}, asking));
    await stopped.promise;
    // What the kernel keeps for a connection, and no more: 64 MiB would be 1,000 notes.
    expect(sent).toBeLessThan(1_000);
    socket.destroy();
  });
});
