import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, mkdir, mkdtemp, readFile, realpath, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { removeFolder } from "@sigilrt/testing/remove-folder";

/** The command of the checkout. */
export const sigil = fileURLToPath(new URL("../../../apps/gateway/bin/sigil", import.meta.url));

/** A gateway that runs as a process of its own, over servers that were added, reviewed and approved with its command. */
export interface McpGateway extends AsyncDisposable {
  readonly folder: string;
  readonly config: string;
  /** Where it serves MCP. */
  readonly address: string;
  /** A token of ada in workspace `studio`. */
  readonly token: string;
  readonly child: ChildProcess;
  /** Makes a token of another user. */
  tokenOf(user: string, workspace?: string): Promise<string>;
  /** What it wrote for people so far. */
  log(): string;
}

/** An MCP server by its files, and what its manifest says beyond the usual. */
interface WrappedServer {
  /** A file that is copied as `main.mjs`, or a folder that is copied whole. */
  readonly from: string;
  readonly entry?: readonly string[];
  /** Further lines of the manifest. */
  readonly manifest?: string;
}

export interface McpGatewayOptions {
  readonly servers: Readonly<Record<string, WrappedServer>>;
  /** What workspace `studio` says beyond what it allows. */
  readonly workspace?: Readonly<Record<string, unknown>>;
  /** Users beside ada, all with every right in `studio`. */
  readonly users?: readonly string[];
  /** The most that its heap may grow to; one that keeps more ends. */
  readonly heapMiB?: number;
}

/** Opens one from an empty folder. */
export async function openMcpGateway({
  servers,
  workspace = {},
  users = [],
  heapMiB,
}: McpGatewayOptions): Promise<McpGateway> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), "mg-"));
  await chmod(folder, 0o711);
  const config = join(folder, "gateway.yaml");
  await writeFile(
    config,
    `${fixedLines(users)}plugins: {}\nworkspaces: { studio: { allow: ["*"] } }\n`,
  );
  await run("lock", "init", "--config", config);
  for (const [name, server] of Object.entries(servers)) {
    // oxlint-disable-next-line no-await-in-loop -- each changes the same files
    await add(name, server, folder, config);
  }
  const written = await readFile(config, "utf8");
  const studio = JSON.stringify({ studio: { allow: ["*"], ...workspace } });
  await writeFile(config, written.replace(/^workspaces: .*$/mu, `workspaces: ${studio}`));
  const { child, facts, log } = await start(config, heapMiB);
  return {
    folder,
    config,
    ...facts,
    child,
    log,
    tokenOf: async (user, of = "studio") =>
      (await run("token", "create", "--user", user, "--workspace", of, "--config", config)).trim(),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGTERM");
        await once(child, "exit");
      }
      removeFolder(folder);
    },
  };
}

function fixedLines(users: readonly string[]): string {
  const all = ["ada", ...users].map((user) => [
    user,
    { permissions: ["*"], workspaces: ["studio"] },
  ]);
  return [
    "listen: { port: 0 }",
    "data: data",
    `users: ${JSON.stringify(Object.fromEntries(all))}`,
    "limits: { rate: { user: 1000000 } }",
    "sandbox: { run_as: { uid: 65534, gid: 65534 } }",
    "",
  ].join("\n");
}

async function add(
  name: string,
  { from, entry = ["node", "main.mjs"], manifest = "" }: WrappedServer,
  folder: string,
  config: string,
): Promise<void> {
  const source = join(folder, "sources", name);
  await mkdir(source, { recursive: true });
  await cp(from, from.endsWith(".mjs") ? join(source, "main.mjs") : source, { recursive: true });
  await writeFile(
    join(source, "plugin.yaml"),
    `name: ${name}\nversion: 1.0.0\ntype: tool\nexecution: { tier: process }\nadapter: mcp-stdio\nentry: { command: ${JSON.stringify(entry)} }\n${manifest}`,
  );
  await run("add", source, "--config", config);
  const { digest }: { digest: string } = JSON.parse(
    await run("review", name, "--json", "--config", config),
  );
  await run("approve", name, "--digest", digest, "--user", "ada", "--config", config);
}

async function start(config: string, heapMiB: number | undefined) {
  const child = spawn(sigil, ["up", "--config", config, "--json"], {
    stdio: ["ignore", "pipe", "pipe"],
    env:
      heapMiB === undefined
        ? process.env
        : { ...process.env, NODE_OPTIONS: `--max-old-space-size=${heapMiB}` },
  });
  let told = "";
  child.stderr.on("data", (chunk: Buffer) => (told += chunk.toString("utf8")));
  const first = once(createInterface({ input: child.stdout }), "line");
  const outcome = await Promise.race([first, once(child, "exit").then(() => undefined)]);
  if (!outcome) throw new Error(`The gateway did not start: ${told}`);
  const {
    address,
    token,
    problems,
  }: Record<"address" | "token", string> & {
    problems: readonly string[];
  } = JSON.parse(String(outcome[0]));
  if (problems.length > 0) throw new Error(`The gateway has problems: ${problems.join("; ")}`);
  return { child, facts: { address, token }, log: () => told };
}

/** Runs a verb to its end and answers what it printed. @throws Error with its complaint */
async function run(...args: readonly string[]): Promise<string> {
  const child = spawn(sigil, args, { stdio: ["ignore", "pipe", "pipe"] });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (child.exitCode === null) await once(child, "exit");
  if (child.exitCode !== 0) throw new Error(`sigil ${args.join(" ")}: ${err}`);
  return out;
}
