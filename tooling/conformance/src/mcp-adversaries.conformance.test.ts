import { once } from "node:events";
import { rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describeWith } from "@sigilrt/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type McpGateway, openMcpGateway, sigil } from "./mcp-gateway.ts";

const call = JSON.stringify({
  jsonrpc: "2.0",
  id: 7,
  method: "tools/call",
  params: { name: "features.test_simple_text", arguments: {} },
});

describeWith(["bwrap", "prlimit"], "a gateway under attack", () => {
  let gateway: McpGateway;
  let port: number;
  /** A token of somebody else, who does nothing wrong. */
  let neighbour: string;

  beforeAll(async () => {
    const from = fileURLToPath(new URL("../fixtures/mcp/features.mjs", import.meta.url));
    gateway = await openMcpGateway({ servers: { features: { from } }, users: ["bea"] });
    port = Number(new URL(gateway.address).port);
    neighbour = await gateway.tokenOf("bea");
  });
  afterAll(() => gateway[Symbol.asyncDispose]());

  const head = (token: string, ...lines: readonly string[]): string =>
    [
      "POST /mcp HTTP/1.1",
      `Host: 127.0.0.1:${port}`,
      `Authorization: Bearer ${token}`,
      "Content-Type: application/json",
      "Accept: application/json, text/event-stream",
      ...lines,
      "",
      "",
    ].join("\r\n");

  /** Sends bytes as they are, and answers everything that comes back until the gateway ends the connection, or the answer is whole. */
  const say = async (bytes: string | Uint8Array): Promise<string> => {
    const socket = connect(port, "127.0.0.1");
    // A gateway that has heard enough may end the connection while the rest is still being written.
    socket.on("error", () => undefined);
    let heard = "";
    socket.on("data", (chunk: Buffer) => (heard += chunk.toString("utf8")));
    socket.write(bytes);
    await new Promise<void>((resolve) => socket.once("close", () => resolve()));
    return heard;
  };
  const post = (body: string | Uint8Array, ...lines: readonly string[]): Promise<string> => {
    const sized = ["Connection: close", `Content-Length: ${Buffer.byteLength(body)}`, ...lines];
    return say(Buffer.concat([Buffer.from(head(gateway.token, ...sized)), Buffer.from(body)]));
  };
  const expectNeighbourServed = async (): Promise<void> => {
    const size = `Content-Length: ${Buffer.byteLength(call)}`;
    const answer = await say(head(neighbour, "Connection: close", size) + call);
    expect(answer).toContain("This is a simple text response");
  };

  it.each([
    ["no JSON", "{", /^HTTP\/1\.1 400 .*-32700/su],
    ["no UTF-8", Uint8Array.of(0x22, 0xff, 0x22), /^HTTP\/1\.1 400 .*-32700/su],
    ["a batch", `[${call}]`, /^HTTP\/1\.1 400 .*-32600/su],
    ["65 levels", `${"[".repeat(65)}${"]".repeat(65)}`, /^HTTP\/1\.1 400 /su],
    ["a million levels", "[".repeat(1_000_000), /^HTTP\/1\.1 400 /su],
    ["over 4 MiB", " ".repeat(4 * 1_048_576 + 1), /^HTTP\/1\.1 413 /su],
  ])("refuses %s", async (_what, body, answer) => {
    expect(await post(body)).toMatch(answer);
    await expectNeighbourServed();
  });

  it("refuses a body without a size that becomes too large, and reads no more of it", async () => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write(head(gateway.token, "Transfer-Encoding: chunked"));
    let answer = "";
    socket.on("data", (data: Buffer) => (answer += data.toString("utf8")));
    const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    const chunk = `10000\r\n${" ".repeat(65_536)}\r\n`;
    let sent = 0;
    for (; sent < 1_024 && !socket.destroyed && socket.writable; sent += 1) {
      // oxlint-disable-next-line no-await-in-loop -- as fast as it is taken
      if (!socket.write(chunk)) await Promise.race([drained(socket), ended]);
    }
    await ended;
    expect(answer).toMatch(/^HTTP\/1\.1 413 |^$/u);
    expect(sent).toBeLessThan(1_024);
    await expectNeighbourServed();
  });

  const sized = `Content-Length: ${Buffer.byteLength(call)}`;
  it.each([
    ["two sizes", [sized, "Content-Length: 5"]],
    ["a size and chunks", [sized, "Transfer-Encoding: chunked"]],
    ["chunks that are none", ["Transfer-Encoding: xchunked"]],
    ["a header that another line continues", [sized, "X-A: b\r\n c"]],
    ["a header with a line end in it", [sized, "X-A: b\nX-B: c"]],
    ["a space before the colon", ["Content-Length : 5"]],
    ["17 KiB of headers", [sized, `X-A: ${"a".repeat(17_408)}`]],
    ["two hosts", [sized, "Host: 127.0.0.1"]],
    ["another's origin", [sized, "Origin: http://evil.example"]],
    ["two tokens", [sized, "Authorization: Bearer sgl_0_0"]],
    ["another method in a header", [sized, "Mcp-Method: tools/list"]],
    ["another tool in a header", [sized, "Mcp-Name: features.test_image_content"]],
    ["a version that nobody speaks", [sized, "Mcp-Protocol-Version: 1999-01-01"]],
    ["a version of another era than the body", [sized, "Mcp-Protocol-Version: 2026-07-28"]],
  ])("answers a request with %s by a refusal, and runs nothing of it", async (_what, lines) => {
    const smuggled = `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
    const answer = await say(head(gateway.token, ...lines, "Connection: close") + call + smuggled);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /u);
    expect(answer).not.toContain("simple text response");
    await expectNeighbourServed();
  });

  it("refuses a body of 2026-07-28 under headers of 2025-11-25", async () => {
    const modern = JSON.stringify({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/list",
      params: {
        _meta: {
          "io.modelcontextprotocol/protocolVersion": "2026-07-28",
          "io.modelcontextprotocol/clientCapabilities": {},
        },
      },
    });
    const answer = await post(modern, "Mcp-Protocol-Version: 2025-11-25");
    expect(answer).toMatch(/^HTTP\/1\.1 400 .*-32\d\d\d/su);
  });

  it("refuses a token that is gone, on the connection where it was good before", async () => {
    const token = await gateway.tokenOf("bea");
    const socket = connect(port, "127.0.0.1");
    socket.write(head(token, sized) + call);
    const [first] = (await once(socket, "data")) as [Buffer];
    expect(first.toString()).toMatch(/^HTTP\/1\.1 200 /u);
    const id = token.split("_")[1] ?? "";
    rmSync(join(gateway.folder, "data/keys/tokens", `${id}.json`));
    let answer = "";
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    socket.write(head(token, sized, "Connection: close") + call);
    await once(socket, "close");
    expect(answer).toContain("HTTP/1.1 401 ");
    await expectNeighbourServed();
  });

  const attacks: readonly (readonly [string, () => string])[] = [
    ["that say nothing", () => ""],
    ["whose headers do not end", () => "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: "],
    ["of a stranger whose body does not come", () => head("sgl_0_0", "Content-Length: 100")],
    ["of a user whose body does not come", () => `${head(gateway.token, "Content-Length: 100")}{`],
  ];
  it.each(attacks)("serves the others while 1,000 connections %s are open", async (_how, first) => {
    const sockets: Socket[] = [];
    const opened = Array.from({ length: 1_000 }, async () => {
      const socket = connect(port, "127.0.0.1");
      socket.on("error", () => undefined);
      sockets.push(socket);
      await once(socket, "connect");
      socket.write(first());
    });
    await Promise.all(opened);
    for (let times = 0; times < 5; times += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await expectNeighbourServed();
    }
    for (const socket of sockets) socket.destroy();
    await expectNeighbourServed();
  });

  it("keeps who tried on record, as far as it came to a decision, and the record verifies", () => {
    const verb = (...args: readonly string[]): string =>
      spawnSync(sigil, [...args, "--config", gateway.config], { encoding: "utf8" }).stdout;
    expect(verb("audit", "tail", "--limit", "1000")).toContain("by bea@studio");
    expect(verb("audit", "verify")).toMatch(/^verifies: /u);
  });
});

const drained = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.once("drain", () => resolve()));
