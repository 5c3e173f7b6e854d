import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { createMemoryAuditStore, Enforcer } from "@sigilrt/enforcer";
import { acceptUnverified } from "@sigilrt/integrity";
import type { ExitReport, PluginHost, RunningPlugin } from "@sigilrt/lifecycle";
import { acceptDeclared, PluginManager } from "@sigilrt/manager";
import { createMcpEndpoint, type Principal } from "@sigilrt/mcp-endpoint";

// A host of your own: this one serves two tools without starting anything. Real ones are process-host, wasm-host and mcp-host.
const report: ExitReport = { cause: "requested", callsInFlight: 0, stderrTail: "" };
const greeter = (): RunningPlugin => {
  const ended = Promise.withResolvers<ExitReport>();
  const close = (): Promise<ExitReport> => {
    ended.resolve(report);
    return ended.promise;
  };
  const inputSchema = { type: "object", properties: { name: { type: "string" } } };
  return {
    exited: ended.promise,
    describe: async () => ({
      tools: [
        { name: "greet", description: "Greets", inputSchema },
        { name: "insult", description: "Insults", inputSchema },
      ],
    }),
    async *call({ tool, arguments: { name } }) {
      yield { kind: "content", content: { kind: "text", text: `${tool} ${JSON.stringify(name)}` } };
      yield { kind: "result", isError: false };
    },
    open: () => Promise.reject(new Error("serves tools alone")),
    health: async () => ({ status: "healthy", message: "" }),
    close,
    [Symbol.asyncDispose]: async () => void (await close()),
  };
};
const host: PluginHost = {
  adapters: ["grpc"],
  start: async () => greeter(),
  close: async () => undefined,
  [Symbol.asyncDispose]: async () => undefined,
};

const folder = await mkdtemp(join(tmpdir(), "serve-"));
await mkdir(join(folder, "greeter"));
await writeFile(
  join(folder, "greeter/plugin.yaml"),
  `name: greeter
version: 1.0.0
type: tool
execution: { tier: process }
entry: { command: [node, main.js] }
`,
);
const audit = createMemoryAuditStore({ maxRecords: 1_000 });
const manager = new PluginManager({
  directories: [folder],
  hosts: { grpc: host },
  verifier: acceptUnverified(), // a gateway passes treeDigestVerifier() and a lockPath
  consent: acceptDeclared(), // a gateway passes its records of consent, with the approved tools
  enforcer: new Enforcer(audit, Date),
  audit,
  engine: "0.1.0",
  eager: ["greeter"], // without approved tools, what a plugin offers is known once it runs
});
await manager.discover();

// One token of one user, who may greet and nothing else. A gateway keeps hashes and compares them in constant time.
const ada: Principal = {
  workspace: "home",
  user: "ada",
  workspaceAllow: ["tool.*"],
  permissions: ["tool.greeter.greet"],
};
const endpoint = createMcpEndpoint(manager, {
  tokens: { verify: async (token) => (token === "sesame" ? ada : undefined) },
  hosts: ["127.0.0.1"],
});
const server = createServer((request, response) => void endpoint.handle(request, response));
server.listen(0, "127.0.0.1");
await once(server, "listening");
const address = server.address();
const port = typeof address === "object" ? address?.port : undefined;

const url = new URL(`http://127.0.0.1:${port}/mcp`);
console.log((await fetch(url, { method: "POST" })).status);

const client = new Client({ name: "example", version: "1.0.0" });
const requestInit = { headers: { authorization: "Bearer sesame" } };
await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
console.log((await client.listTools()).tools.map(({ name }) => name));
const { content } = await client.callTool({ name: "greeter.greet", arguments: { name: "Bob" } });
console.log(content);
for (const name of ["greeter.insult", "greeter.nothing"]) {
  await client.callTool({ name }).catch(({ code, message }) => console.log(code, message));
}
const { records } = await audit.query({ action: "capability_check" });
console.log(records.map(({ capability, result }) => `${capability} ${result}`).toReversed());

await client.close();
await endpoint.close();
await manager.close();
server.close();
await rm(folder, { recursive: true });
