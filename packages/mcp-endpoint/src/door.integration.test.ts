import { connect } from "node:net";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { createManualClock } from "@sigilrt/lifecycle/testing";
import type { McpEndpointOptions, TokenVerifier } from "@sigilrt/mcp-endpoint";
import { describe, expect, it } from "vitest";
import {
  type HttpGateway,
  openHttpGateway,
  type RawRequest,
  userWith,
} from "./fixtures/gateway.ts";
import { legacyRequest } from "./fixtures/messages.ts";
import { saying } from "./fixtures/tools.ts";

const plugins = { files: { tools: { read: saying("read") } } };
const list = legacyRequest("tools/list");
const open = (
  endpoint: Partial<McpEndpointOptions> = {},
  more: Partial<Parameters<typeof openHttpGateway>[0]> = {},
): Promise<HttpGateway> => openHttpGateway({ plugins, endpoint, ...more });

/** A verifier that counts who asks. */
const counting = (): TokenVerifier & { readonly asked: string[] } => {
  const asked: string[] = [];
  return {
    asked,
    verify(token) {
      asked.push(token);
      return Promise.resolve(token === "ada-token" ? userWith(["*"]) : undefined);
    },
  };
};

describe("the door", () => {
  it.each<readonly [string, RawRequest["headers"]]>([
    ["a rebound name", { host: "evil.example" }],
    ["a page of another origin", { origin: "http://evil.example" }],
    ["a sandboxed page", { origin: "null" }],
  ])("refuses %s before it looks at the token", async (_what, headers = {}) => {
    const tokens = counting();
    await using gateway = await open({ tokens });
    expect((await gateway.send({ headers, body: list })).status).toBe(403);
    expect(tokens.asked).toEqual([]);
    expect((await gateway.send({ body: list })).status).toBe(200);
    expect(tokens.asked).toEqual(["ada-token"]);
  });

  it.each(["/", "/mcp/", "/mcp/home/more", "/mcpx", "/mcp/%", "/%6dcp", "//mcp", "http://x/mcp"])(
    "has nothing at %s",
    async (path) => {
      await using gateway = await open();
      expect((await gateway.send({ path, body: list })).status).toBe(404);
    },
  );

  it.each<readonly [string, RawRequest]>([
    ["no token", { headers: { authorization: undefined } }],
    ["a wrong token", { headers: { authorization: "Bearer eve-token" } }],
    ["another scheme", { headers: { authorization: "Basic ada-token" } }],
    ["words after the token", { headers: { authorization: "Bearer ada-token ada-token" } }],
    ["two tokens", { headers: { authorization: ["Bearer ada-token", "Bearer ada-token"] } }],
    ["a token in a cookie", { headers: { authorization: undefined, cookie: "token=ada-token" } }],
    [
      "a token in the URL",
      { path: "/mcp?access_token=ada-token", headers: { authorization: undefined } },
    ],
    ["the token of another workspace", { path: "/mcp/work" }],
    ["the token of another workspace, spelled otherwise", { path: "/mcp/Home" }],
    [
      "a wrong token and a body that is no JSON",
      {
        headers: { authorization: "Bearer eve-token" },
        body: "{",
      },
    ],
    ["no token and GET", { method: "GET", headers: { authorization: undefined }, body: "" }],
  ])("answers %s with the same bytes as any stranger", async (_what, raw) => {
    await using gateway = await open();
    const { status, headers, body } = await gateway.send({ body: list, ...raw });
    const { date: _date, connection: _connection, "keep-alive": _alive, ...rest } = headers;
    expect({ status, body, ...rest }).toEqual({
      status: 401,
      body: "",
      "www-authenticate": "Bearer",
      "content-length": "0",
    });
  });

  it("opens the path of the principal's own workspace", async () => {
    await using gateway = await open();
    expect((await gateway.send({ path: "/mcp/home", body: list })).status).toBe(200);
    expect((await gateway.send({ path: "/mcp/%68ome?x=1", body: list })).status).toBe(200);
  });

  it("reads nothing of what a stranger says", async () => {
    await using gateway = await open();
    const socket = connect(gateway.port, "127.0.0.1");
    // The length is announced and never delivered: whoever waited for the body would not answer.
    socket.write(`POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n{`);
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 401 /u);
    socket.destroy();
  });

  it.each<readonly [string, TokenVerifier["verify"]]>([
    [
      "throws",
      () => {
        throw new Error("database at /var/lib is gone");
      },
    ],
    ["rejects", () => Promise.reject(new Error("database at /var/lib is gone"))],
    ["answers true", () => Promise.resolve(true as never)],
    ["answers an empty object", () => Promise.resolve({} as never)],
    ["answers null", () => Promise.resolve(null as never)],
  ])("lets nobody in when the verifier %s", async (_what, verify) => {
    await using gateway = await open({ tokens: { verify } });
    const answer = await gateway.send({ body: list });
    expect(answer.status).toBe(503);
    const { correlationId } = gateway.faults[0] ?? {};
    expect(JSON.parse(answer.body)).toEqual({
      jsonrpc: "2.0",
      id: null,
      error: { code: -32_603, message: "Internal error", data: { correlationId } },
    });
    expect(correlationId).toMatch(/^[0-9a-f-]{36}$/u);
  });

  it("lets nobody in when the verifier does not answer, and tells it that nobody waits", async () => {
    const clock = createManualClock();
    const asked = Promise.withResolvers<AbortSignal>();
    const tokens: TokenVerifier = {
      verify: (_token, { signal }) => {
        asked.resolve(signal);
        return new Promise(() => undefined);
      },
    };
    await using gateway = await open({ tokens, clock, limits: { checkMs: 1_000 } });
    const answer = gateway.send({ body: list });
    const signal = await asked.promise;
    await clock.advance(999);
    expect(signal.aborted).toBe(false);
    await clock.advance(1);
    expect(signal.aborted).toBe(true);
    expect((await answer).status).toBe(503);
  });

  it("tells the verifier when the client has hung up", async () => {
    const asked = Promise.withResolvers<AbortSignal>();
    const tokens: TokenVerifier = {
      verify: (_token, { signal }) => {
        asked.resolve(signal);
        return new Promise(() => undefined);
      },
    };
    await using gateway = await open({ tokens, clock: createManualClock() });
    const socket = connect(gateway.port, "127.0.0.1");
    socket.write(
      "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer x\r\nContent-Length: 0\r\n\r\n",
    );
    const signal = await asked.promise;
    socket.destroy();
    await gateway.handled[0];
    expect(signal.aborted).toBe(true);
    expect(gateway.faults).toEqual([]);
  });

  it.each(["GET", "DELETE", "PUT", "OPTIONS", "HEAD"])("answers %s with 405", async (method) => {
    await using gateway = await open();
    const { status, headers } = await gateway.send({ method });
    expect([status, headers.allow]).toEqual([405, "POST"]);
  });

  it("refuses a body that is announced too large before it asks who sends it", async () => {
    const tokens = counting();
    await using gateway = await open({ tokens, limits: { messageBytes: 100 } });
    const socket = connect(gateway.port, "127.0.0.1");
    socket.write("POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 101\r\n\r\n");
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 413 /u);
    expect(tokens.asked).toEqual([]);
  });

  it("refuses a body that becomes too large, and takes one that just fits", async () => {
    const body = JSON.stringify(list);
    await using gateway = await open({ limits: { messageBytes: body.length } });
    const chunked = { "transfer-encoding": "chunked" };
    expect((await gateway.send({ headers: chunked, body })).status).toBe(200);
    expect((await gateway.send({ headers: chunked, body: `${body} ` })).status).toBe(413);
    expect((await gateway.send({ body })).status).toBe(200);
  });
});
