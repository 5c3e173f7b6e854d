import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMcpHost, type McpRunner } from "@sigilrt/mcp-host";

// This runner confines nothing and is for trying out. A gateway makes its runner from @sigilrt/sandbox.
const runner: McpRunner = {
  async spawn({ command: [, ...args], root, environment }) {
    const child = spawn(process.execPath, args, { cwd: root, env: environment, stdio: "pipe" });
    const exited = once(child, "exit").then(([code]) => (typeof code === "number" ? { code } : {}));
    const { stdin, stdout, stderr } = child;
    return { stdin, stdout, stderr, exited, kill: async (signal) => void child.kill(signal) };
  },
};

// Any MCP server on standard input and output will do; this one is written by hand to keep the example whole.
const root = await mkdtemp(join(tmpdir(), "wrap-"));
await writeFile(
  join(root, "server.mjs"),
  `import { createInterface } from "node:readline";
const answer = (id, result) => console.log(JSON.stringify({ jsonrpc: "2.0", id, result }));
const tools = [{ name: "add", description: "Adds", inputSchema: { type: "object" } }];
createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  const { protocolVersion } = params ?? {};
  if (method === "initialize") {
    answer(id, { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "s", version: "1" } });
  }
  if (method === "tools/list") answer(id, { tools });
  if (method === "tools/call") {
    const { a, b } = params.arguments;
    answer(id, { content: [{ type: "text", text: String(a + b) }] });
  }
});
`,
);

const host = createMcpHost({ runner });
const adder = await host.start("adder", {
  identity: { plugin: "adder", version: "1.0.0", digest: "tree1-sha256:0", epoch: 1, slot: 0 },
  adapter: "mcp-stdio",
  tier: "process",
  root,
  entry: { command: ["node", "server.mjs"] },
  environment: {},
  config: {},
  secrets: {},
  grants: { allow: [], deny: [], readDeny: [] },
  limits: {
    memoryBytes: 268_435_456,
    cpu: 1,
    pids: 16,
    maxResultBytes: 1_048_576,
    startMs: 10_000,
    callMs: 10_000,
    idleMs: 10_000,
  },
});
console.log((await adder.describe()).tools.map(({ name }) => name));
const chunks = adder.call(
  {
    tool: "add",
    arguments: { a: 2, b: 3 },
    requestId: "1",
    principal: { workspace: "home", user: "ada" },
  },
  { signal: AbortSignal.timeout(5_000), deadlineAt: Date.now() + 5_000 },
);
for await (const chunk of chunks) console.log(chunk);
console.log((await adder.close()).cause);
await host.close();
await rm(root, { recursive: true });
