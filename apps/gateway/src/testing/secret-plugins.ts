import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** An MCP server that says its token aloud: whole, in pieces, in base64, and on standard output when it is told to break. */
const server = `
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
const token = process.env.API_TOKEN ?? "";
const half = token.length >> 1;
console.error("starting with " + token);
process.stderr.write("in pieces " + token.slice(0, half));
setTimeout(() => console.error(token.slice(half) + " base64 " + Buffer.from(token).toString("base64")), 20);
if (token.startsWith("break")) { console.log("not JSON: " + token); process.exit(1); }
const sum = () => createHash("sha256").update(token).digest("hex");
const tools = [{ name: "sum", description: "sum", inputSchema: { type: "object" } }, { name: "names", description: "names", inputSchema: { type: "object" } }];
const answers = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "leaky", version: "1" } }),
  ping: () => ({}),
  "tools/list": () => ({ tools }),
  "tools/call": ({ name }) => ({ content: [{ type: "text", text: name === "sum" ? sum() : Object.keys(process.env).sort().join(" ") }] }),
};
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) continue;
  process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, result: answers[method](params) }) + "\\n");
}
`;

/** A go-plugin program that is told its secret when it begins. */
const program = `
import { createHash } from "node:crypto";
import { defineTool, serve } from "@sigilrt/plugin-sdk";
let seed = "";
const sum = defineTool({
  name: "sum", description: "sum", input: { type: "object" }, parse: (input) => input,
  async *run(_input, { log }) {
    log.info("seeded with " + seed, { seed });
    yield { text: createHash("sha256").update(seed).digest("hex") };
  },
});
await serve({ name: "seeded", version: "1.0.0", tools: [sum], init(config) { seed = String(config.secrets?.seed ?? ""); } });
`;

const manifest = (name: string, tier: string, more: string): string =>
  `name: ${name}\nversion: 1.0.0\ntype: tool\nexecution: { tier: ${tier} }\n${more}`;

/** Lays out three plugins with a secret each: an MCP server, a go-plugin program, and a WebAssembly component that asks for what it is told. */
export async function laySecretPlugins(folder: string): Promise<void> {
  const lay = (name: string, yaml: string): string => {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, "plugin.yaml"), yaml);
    return join(folder, name);
  };
  const leaky = lay(
    "leaky",
    manifest(
      "leaky",
      "process",
      "adapter: mcp-stdio\nentry: { command: [node, main.mjs] }\nlifecycle: { scope: shared }\nsecrets: [{ name: token, env: API_TOKEN }]\n",
    ),
  );
  writeFileSync(join(leaky, "main.mjs"), server);
  const seeded = lay(
    "seeded",
    manifest(
      "seeded",
      "process",
      "entry: { command: [node, main.mjs] }\nsecrets: [{ name: seed }]\n",
    ),
  );
  await build({
    stdin: { contents: program, resolveDir: join(root, "apps/gateway"), loader: "js" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node22.18",
    conditions: ["@sigilrt/source"],
    outfile: join(seeded, "main.mjs"),
    logLevel: "silent",
  });
  const asking = lay(
    "asking",
    manifest(
      "asking",
      "wasm",
      "entry: { module: guest.wasm }\nlifecycle: { scope: shared }\nresources: { timeouts: { start: 60s } }\nsecrets: [{ name: pass }, { name: spare, required: false }]\n",
    ),
  );
  copyFileSync(
    join(root, "tooling/conformance/fixtures/wasm/guest.wasm"),
    join(asking, "guest.wasm"),
  );
}
