import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describeWith } from "@sigilrt/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type ApprovalBench, openApprovalBench } from "./testing/approval-bench.ts";
import { httpClient } from "./testing/clients.ts";
import { startGateway } from "./testing/start-gateway.ts";

/** An MCP server whose one tool fetches what it is told to. */
const fetcher = `
import { createInterface } from "node:readline";
const answers = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "f", version: "1" } }),
  ping: () => ({}),
  "tools/list": () => ({ tools: [{ name: "get", description: "Gets", inputSchema: { type: "object" } }] }),
  "tools/call": ({ arguments: { url } }) => fetch(url).then(
    async (answer) => ({ content: [{ type: "text", text: answer.status + " " + (await answer.text()) }] }),
    (error) => ({ isError: true, content: [{ type: "text", text: error.cause?.message ?? error.message }] }),
  ),
};
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) continue;
  process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, result: await answers[method](params) }) + "\\n");
}
`;

let bench: ApprovalBench;
let server: Server;
let reached: string[];
beforeEach(async () => {
  bench = await openApprovalBench();
  reached = [];
  server = createServer((request, response) => {
    reached.push(request.url ?? "");
    response.end("served");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(() => {
  bench[Symbol.dispose]();
  server.closeAllConnections();
  server.close();
});

const port = (): number => (server.address() as AddressInfo).port;

/** Approves a plugin that asks for the server, for a person and a workspace that may do these things. */
async function approved(permissions: string, allow: string): Promise<void> {
  const config = readFileSync(bench.config, "utf8")
    .replace("allow: [tool.*]", `allow: [${allow}]`)
    .replace("permissions: [tool.*]", `permissions: [${permissions}]`);
  writeFileSync(bench.config, config);
  const network = `{ tier: process, sandbox: { network: { allow: ["127.0.0.1:${port()}"] } } }`;
  bench.write("1.0.0", "Gets");
  const manifest = join(bench.source, "plugin.yaml");
  const text = readFileSync(manifest, "utf8").replace("{ tier: process }", network);
  writeFileSync(manifest, text);
  writeFileSync(join(bench.source, "main.mjs"), fetcher);
  await bench.sigil("add", bench.source);
  await bench.approve();
}

/** What the tool answers for each address. */
async function answersFor(...urls: readonly string[]): Promise<readonly string[]> {
  await using gateway = await startGateway(bench.config);
  const client = await httpClient(gateway.address, gateway.token, "2026-07-28");
  const answers: string[] = [];
  for (const url of urls) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other, as they are recorded
    const { content } = await client.callTool({ name: "counter.get", arguments: { url } });
    answers.push(content.map((part) => (part.type === "text" ? part.text : "")).join(""));
  }
  await client.close();
  return answers;
}

const connections = async (): Promise<string> =>
  (await bench.sigil("audit", "query", "--capability", "net.connect.*", "--json")).out;

describeWith(["bwrap", "prlimit"], "a plugin with a destination behind the gateway", () => {
  it("reaches what it was granted for a person who may, and nothing else, each on record", async () => {
    await approved("tool.*, net.connect.*", "tool.*, net.connect.*");
    const url = `http://127.0.0.1:${port()}/a`;
    const [granted, otherPort, otherHost] = await answersFor(
      url,
      "http://127.0.0.1:8099/",
      "http://localhost:8099/",
    );
    expect(granted).toBe("200 served");
    expect(otherPort).not.toContain("served");
    expect(otherHost).not.toContain("served");
    expect(reached).toEqual(["/a"]);
    const records = await connections();
    const about = (destination: string): readonly string[] =>
      records.split("\n").filter((line) => line.includes(`"net.connect.${destination}"`));
    expect(about(`127.0.0.1:${port()}`).join()).toContain('"result":"allowed"');
    expect(about("127.0.0.1:8099").join()).toContain('"result":"denied"');
    expect(about("localhost:8099").join()).toContain('"result":"denied"');
  });

  it.for([
    ["the person", "tool.*", "tool.*, net.connect.*"],
    ["the workspace", "tool.*, net.connect.*", "tool.*"],
  ] as const)("reaches nothing for one whom %s does not let", async ([, permissions, allow]) => {
    await approved(permissions, allow);
    const [answer] = await answersFor(`http://127.0.0.1:${port()}/a`);
    expect(answer).not.toContain("served");
    expect(reached).toEqual([]);
    expect(await connections()).toContain("denied");
  });
});
