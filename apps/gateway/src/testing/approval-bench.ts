import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeFolder } from "@sigilrt/testing/remove-folder";
import { runSigilCommand } from "./start-gateway.ts";

/** An MCP server of one tool, as somebody else would have written it. */
const server = (description: string): string => `
import { createInterface } from "node:readline";
const answers = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "counter", version: "1" } }),
  ping: () => ({}),
  "tools/list": () => ({ tools: [{ name: "count", description: ${JSON.stringify(description)}, inputSchema: { type: "object" } }] }),
  "tools/call": () => ({ content: [{ type: "text", text: ${JSON.stringify(description)} }] }),
};
console.error("ready\\u001b[2J");
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) continue;
  process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id, result: answers[method](params) }) + "\\n");
}
`;

/** A gateway without plugins, and the source of one. */
export interface ApprovalBench extends Disposable {
  readonly folder: string;
  readonly config: string;
  readonly source: string;
  /** Writes the source: version, tool text, more of the manifest. */
  write(version: string, description: string, more?: string): void;
  /** Runs \`sigil\` with this configuration. */
  sigil(...argv: readonly string[]): ReturnType<typeof runSigilCommand>;
  /** Reviews and approves what waits; answers the digest. */
  approve(): Promise<string>;
}

/** Makes the bench, with an empty lock. */
export async function openApprovalBench(): Promise<ApprovalBench> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "desk-"));
  const config = join(folder, "gateway.yaml");
  const source = join(folder, "source");
  mkdirSync(source);
  writeFileSync(
    config,
    `# mine
listen: { port: 0 }
data: data
plugins: {}
workspaces: { studio: { allow: [tool.*] } }
users: { ada: { permissions: [tool.*], workspaces: [studio] } }
sandbox: { run_as: { uid: 65534, gid: 65534 } }
`,
  );
  const sigil = (...argv: readonly string[]): ReturnType<typeof runSigilCommand> =>
    runSigilCommand(...argv, "--config", config);
  const bench: ApprovalBench = {
    folder,
    config,
    source,
    sigil,
    write(version, description, more = "") {
      writeFileSync(
        join(source, "plugin.yaml"),
        `name: counter\nversion: ${version}\ntype: tool\nexecution: { tier: process }\nadapter: mcp-stdio\nentry: { command: [node, main.mjs] }\n${more}`,
      );
      writeFileSync(join(source, "main.mjs"), server(description));
    },
    async approve() {
      const review = await sigil("review", "counter", "--json");
      const { digest }: { digest: string } = JSON.parse(review.out);
      const done = await sigil("approve", "counter", "--digest", digest, "--user", "ada");
      if (done.code !== 0) throw new Error(done.err);
      return digest;
    },
    [Symbol.dispose]: () => removeFolder(folder),
  };
  await sigil("lock", "init");
  return bench;
}
