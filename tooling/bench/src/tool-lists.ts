import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryAuditStore, Enforcer } from "@sigilrt/enforcer";
import { acceptUnverified } from "@sigilrt/integrity";
import { createFakeHost } from "@sigilrt/lifecycle/testing";
import { acceptDeclared, PluginManager } from "@sigilrt/manager";
import { createMcpEndpoint } from "@sigilrt/mcp-endpoint";
import type { CallCase, OpenCalls } from "./call-ratio.ts";

const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: {} });
const inputSchema = { type: "object", properties: { text: { type: "string" } } };

/** An endpoint over plugins of ten tools each, which list and do nothing else. */
async function openLists(plugins: number): Promise<AsyncDisposable & { list(): Promise<number> }> {
  const folder = await mkdtemp(join(tmpdir(), "lists-"));
  const names = Array.from({ length: plugins }, (_, index) => `plugin-${index}`);
  for (const name of names) {
    // oxlint-disable-next-line no-await-in-loop -- a few small files
    await mkdir(join(folder, name));
    // oxlint-disable-next-line no-await-in-loop -- as above
    await writeFile(
      join(folder, name, "plugin.yaml"),
      `name: ${name}\nversion: 1.0.0\ntype: tool\nexecution: { tier: process }\nentry: { command: [node, main.js] }\n`,
    );
  }
  const tools = Array.from({ length: 10 }, (_, index) => ({
    name: `tool-${index}`,
    description: "Does something with a text",
    inputSchema,
  }));
  const audit = createMemoryAuditStore({ maxRecords: 10_000 });
  const manager = new PluginManager({
    directories: [folder],
    hosts: {
      grpc: createFakeHost({
        adapters: ["grpc"],
        plugin: () => ({ tools: {}, surface: { tools } }),
      }),
    },
    verifier: acceptUnverified(),
    consent: acceptDeclared(),
    enforcer: new Enforcer(audit, Date),
    audit,
    engine: "0.1.0",
    eager: names,
    limits: { maxInstances: 256 },
  });
  await manager.discover();
  const principal = { workspace: "w", user: "u", workspaceAllow: ["*"], permissions: ["*"] };
  const endpoint = createMcpEndpoint(manager, {
    tokens: { verify: () => Promise.resolve(principal) },
    hosts: ["127.0.0.1"],
  });
  const server = createServer((request, response) => void endpoint.handle(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const headers = {
    authorization: "Bearer t",
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  };
  return {
    async list() {
      const response = await fetch(`http://127.0.0.1:${port}/mcp`, {
        method: "POST",
        headers,
        body,
      });
      const answer = await response.text();
      const { result } = JSON.parse(
        /^data: (?<json>.*)$/mu.exec(answer)?.groups?.["json"] ?? answer,
      );
      return result.tools.length;
    },
    async [Symbol.asyncDispose]() {
      await endpoint.close({ signal: AbortSignal.abort() });
      await manager.close();
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true });
    },
  };
}

async function open(): Promise<OpenCalls> {
  const many = await openLists(100);
  const few = await openLists(1);
  return {
    ours: () => many.list(),
    async peer() {
      let listed = 0;
      // oxlint-disable-next-line no-await-in-loop -- a hundred lists of ten, one after the other
      for (let times = 0; times < 100; times += 1) listed += await few.list();
      return listed;
    },
    async [Symbol.asyncDispose]() {
      await many[Symbol.asyncDispose]();
      await few[Symbol.asyncDispose]();
    },
  };
}

// gateway.md section 16.
export const toolListCases: readonly CallCase[] = [
  {
    name: "gateway: tools/list of 1,000 tools, against 100 times that of 10",
    maxRatio: 1.5,
    calls: 3,
    rounds: 5,
    open,
  },
];
