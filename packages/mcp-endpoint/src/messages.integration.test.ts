import type { FakeTool } from "@sigilrt/lifecycle/testing";
import type { McpEndpointOptions } from "@sigilrt/mcp-endpoint";
import { describe, expect, it } from "vitest";
import { type HttpGateway, openHttpGateway, type RawRequest } from "./fixtures/gateway.ts";
import { legacyRequest, messageOf, modernHeaders, modernRequest } from "./fixtures/messages.ts";
import { saying } from "./fixtures/tools.ts";

const plugins = { files: { tools: { read: saying("read") } } };
const list = legacyRequest("tools/list");
const open = (
  endpoint: Partial<McpEndpointOptions> = {},
  more: Partial<Parameters<typeof openHttpGateway>[0]> = {},
): Promise<HttpGateway> => openHttpGateway({ plugins, endpoint, ...more });

describe("a message", () => {
  it.each<readonly [string, RawRequest["body"], number]>([
    ["no JSON", "{", -32_700],
    ["nothing", "", -32_700],
    ["bytes that are no text", new Uint8Array([0x22, 0xff, 0x22]), -32_700],
    ["deep nesting", `{"a":${"[".repeat(64)}${"]".repeat(64)}}`, -32_600],
    ["a batch, which would pass for one request", [list, list], -32_600],
    ["no message", { a: 1 }, -32_600],
    ["an id that is an object", { ...list, id: {} }, -32_600],
    ["a method that is a number", { ...list, method: 5 }, -32_600],
  ])("refuses %s", async (_what, body, code) => {
    await using gateway = await open();
    const answer = await gateway.send({ body: body ?? "" });
    expect(answer.status).toBe(400);
    expect(messageOf(answer)).toMatchObject({ error: { code } });
  });

  it("takes JSON alone for JSON", async () => {
    await using gateway = await open();
    const headers = { "content-type": "text/plain" };
    expect((await gateway.send({ headers, body: list })).status).toBe(415);
  });

  const call = { name: "files.read", arguments: {} };
  it.each<readonly [string, RawRequest]>([
    [
      "another method in the header",
      {
        headers: modernHeaders("tools/list", "files.read"),
        body: modernRequest("tools/call", call),
      },
    ],
    [
      "another tool in the header",
      {
        headers: modernHeaders("tools/call", "files.write"),
        body: modernRequest("tools/call", call),
      },
    ],
    [
      "no tool in the header",
      { headers: modernHeaders("tools/call"), body: modernRequest("tools/call", call) },
    ],
    [
      "no method in the header",
      {
        headers: { "mcp-protocol-version": "2026-07-28", "mcp-name": "files.read" },
        body: modernRequest("tools/call", call),
      },
    ],
    [
      "another version in the header",
      {
        headers: {
          ...modernHeaders("tools/call", "files.read"),
          "mcp-protocol-version": "2025-11-25",
        },
        body: modernRequest("tools/call", call),
      },
    ],
    ["no version in the header", { body: modernRequest("tools/call", call) }],
    [
      "headers of 2026 and a body of 2025 that says something else",
      { headers: { "mcp-method": "tools/list" }, body: legacyRequest("tools/call", call) },
    ],
    [
      "a name of 2026 and a body of 2025 that says another",
      { headers: { "mcp-name": "files.write" }, body: legacyRequest("tools/call", call) },
    ],
  ])("refuses %s, and does not call", async (_what, raw) => {
    let calls = 0;
    const read: FakeTool = async function* count() {
      calls += 1;
      yield { kind: "result", isError: false };
    };
    await using gateway = await open({}, { plugins: { files: { tools: { read } } } });
    const answer = await gateway.send(raw);
    expect([answer.status, messageOf(answer)]).toMatchObject([400, { error: { code: -32_020 } }]);
    expect(calls).toBe(0);
    const right = modernHeaders("tools/call", "files.read");
    await gateway.send({ headers: right, body: modernRequest("tools/call", call) });
    await gateway.send({ body: legacyRequest("tools/call", call) });
    expect(calls).toBe(2);
  });

  it("holds the headers that a tool asks for against its arguments", async () => {
    const inputSchema = {
      type: "object",
      properties: { region: { type: "string", "x-mcp-header": "Region" } },
    };
    const surface = { tools: [{ name: "read", description: "read", inputSchema }] };
    await using gateway = await open(
      {},
      { plugins: { files: { tools: { read: saying("read") }, surface } } },
    );
    const body = modernRequest("tools/call", {
      name: "files.read",
      arguments: { region: "hunter2" },
    });
    const headers = modernHeaders("tools/call", "files.read");
    const wrong = await gateway.send({
      headers: { ...headers, "mcp-param-region": "hunter3" },
      body,
    });
    const right = await gateway.send({
      headers: { ...headers, "mcp-param-region": "hunter2" },
      body,
    });
    expect([wrong.status, right.status]).toEqual([400, 200]);
    expect(messageOf(wrong)).toMatchObject({ id: 1, error: { code: -32_020 } });
    expect(wrong.body).not.toMatch(/hunter2|hunter3/u);
  });

  it.each<readonly [string, object, readonly string[]]>([
    ["arguments", { name: "files.read", arguments: "hunter2" }, ["/arguments"]],
    ["a name", { name: { secret: "hunter2" } }, ["/name"]],
    ["both", { name: 5, arguments: ["hunter2"] }, ["/name", "/arguments"]],
  ])("points at %s of the wrong type, and repeats no value", async (_what, params, pointers) => {
    await using gateway = await open();
    const answer = await gateway.send({ body: legacyRequest("tools/call", params) });
    expect(answer.body).not.toContain("hunter2");
    expect(messageOf(answer)).toMatchObject({
      id: 1,
      error: { code: -32_602, data: { issues: pointers.map((pointer) => ({ pointer })) } },
    });
  });

  it("answers a cursor that it never gave, and a malformed handshake, as the client's mistake", async () => {
    await using gateway = await open();
    const cursor = await gateway.send({ body: legacyRequest("tools/list", { cursor: "x" }) });
    expect(messageOf(cursor)).toMatchObject({ error: { code: -32_602 } });
    const hello = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: 5 } };
    const handshake = await gateway.send({ body: legacyRequest("initialize", hello) });
    expect(messageOf(handshake)).toMatchObject({
      error: { code: -32_602, data: { issues: [{ pointer: "/clientInfo/name" }, {}] } },
    });
  });

  it.each(["2025-11-25", "2025-06-18", "2025-03-26"])(
    "shakes hands in %s, and offers 2025-11-25 to whoever asks for what it does not know",
    async (protocolVersion) => {
      await using gateway = await open();
      const hello = { capabilities: {}, clientInfo: { name: "c", version: "1" } };
      const shake = async (version: string): Promise<unknown> => {
        const body = legacyRequest("initialize", { ...hello, protocolVersion: version });
        return messageOf(await gateway.send({ body }))["result"];
      };
      expect(await shake(protocolVersion)).toMatchObject({ protocolVersion });
      expect(await shake("1999-01-01")).toEqual({
        protocolVersion: "2025-11-25",
        capabilities: { completions: {}, logging: {}, prompts: {}, resources: {}, tools: {} },
        serverInfo: { name: "sigil", version: "0.1.0" },
      });
    },
  );

  it("tells nothing but a correlation id of a fault", async () => {
    const names = (): never => {
      throw new Error("cannot read /etc/sigil/names.yaml");
    };
    await using gateway = await open({ names });
    const headers = modernHeaders("tools/list");
    const answers = [
      await gateway.send({ body: list }),
      await gateway.send({ headers, body: modernRequest("tools/list") }),
      await gateway.send({
        headers: modernHeaders("tools/call", "files.read"),
        body: modernRequest("tools/call", { name: "files.read" }),
      }),
    ];
    for (const [index, answer] of answers.entries()) {
      const { correlationId, error } = gateway.faults[index] ?? {};
      expect(error).toMatchObject({ message: "cannot read /etc/sigil/names.yaml" });
      expect(messageOf(answer)["error"]).toEqual({
        code: -32_603,
        message: "Internal error",
        data: { correlationId },
      });
    }
    expect(gateway.faults).toHaveLength(3);
  });
});
