import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const gateway = fileURLToPath(new URL("../../", import.meta.url));

/** A go-plugin program that asks its host for what it is told to, by its call or as work of its own. */
const program = (name: string): string => `
import { defineTool, serve } from "@sigilrt/plugin-sdk";
const text = (bytes) => new TextDecoder().decode(bytes);
const bytes = (words) => new TextEncoder().encode(words);
let own;
const questions = {
  get: async (host, { key }) => { const found = await host.kv.get(key); return found ? text(found.value) : null; },
  put: (host, { key, value, expected }) => host.kv.put(key, bytes(value), expected === undefined ? {} : { expectedVersion: expected }),
  fill: async (host, { size }) => { for (let at = 0; ; at += 1) { try { await host.kv.put("fill" + at, new Uint8Array(size)); } catch (error) { return [at, error.code]; } } },
  delete: (host, { key }) => host.kv.delete(key),
  list: (host, { prefix = "", limit, pageToken }) => host.kv.list(prefix, { ...(limit ? { limit } : {}), ...(pageToken ? { pageToken } : {}) }),
  config: async (host, { key }) => (await host.readConfig(key)) ?? null,
  call: async (host, { tool, input = {} }) => { const said = []; for await (const output of host.callTool(tool, input)) said.push(output); return said; },
  session: (host) => host.readSession("s"),
  send: (host) => host.sendMessage({ channelId: "c", content: "hello" }),
};
const ask = defineTool({
  name: "ask", description: "Asks its host", input: { type: "object" }, parse: (input) => input,
  async *run({ what, as = "call", ...more }, context) {
    own ??= context.host;
    const host = as === "call" ? context.host : context.ownHost ?? own;
    try { yield { text: JSON.stringify(await questions[what](host, more)) }; }
    catch (error) { yield { text: String(error.code) + " " + error.message }; }
  },
});
await serve({ name: ${JSON.stringify(name)}, version: "1.0.0", tools: [ask], init(_config, context) { own = context.host; } });
`;

/** Writes a plugin that asks, below a folder, with more lines in its manifest; answers its folder. */
export async function layAskingPlugin(
  below: string,
  name: string,
  manifest: string,
): Promise<string> {
  const folder = join(below, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "plugin.yaml"),
    `name: ${name}\nversion: 1.0.0\ntype: tool\nexecution: { tier: process }\nentry: { command: [node, main.mjs] }\n${manifest}`,
  );
  await build({
    stdin: { contents: program(name), resolveDir: gateway, loader: "js" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node22.18",
    conditions: ["@sigilrt/source"],
    outfile: join(folder, "main.mjs"),
    logLevel: "silent",
  });
  return folder;
}
