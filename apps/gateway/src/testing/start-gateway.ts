import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { removeFolder } from "@sigilrt/testing/remove-folder";

const home = fileURLToPath(new URL("../../", import.meta.url));

/** The command of the checkout. */
export const sigil = join(home, "bin/sigil");

/** The folder of a sample plugin. */
export function sample(name: string): string {
  const folder = join(home, "plugins", name);
  const isLaidOut =
    !existsSync(join(folder, "package.json")) || existsSync(join(folder, "node_modules"));
  if (isLaidOut) return folder;
  throw new Error(`Plugin "${name}" is not laid out; run: node tooling/scripts/payloads.mjs`);
}

/** What a gateway under test is made with. */
export interface GatewayFolderOptions {
  /** Plugins of the sample; all when absent. */
  readonly plugins?: readonly string[];
  /** Folders of plugins in place of the sample's. */
  readonly folders?: Readonly<Record<string, string>>;
  /** The lock file; the sample's when absent. */
  readonly lock?: string;
  /** Calls a minute for each person. */
  readonly callsPerMinute?: number;
  readonly port?: number;
  /** What ada may use besides tools. */
  readonly adminRights?: readonly string[];
}

/** A folder with a `gateway.yaml` of its own over the sample's plugins, users and workspaces. */
export interface GatewayFolder extends AsyncDisposable {
  readonly folder: string;
  readonly config: string;
  readonly data: string;
}

/** Makes the folder. Plugins run as another user when the tests run as root, who must be able to search it. */
export function makeGatewayFolder(options: GatewayFolderOptions = {}): GatewayFolder {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "gw-"));
  chmodSync(folder, 0o711);
  const { plugins = ["text", "notes", "files", "everything"], folders = {}, port = 0 } = options;
  const config = join(folder, "gateway.yaml");
  writeFileSync(
    config,
    JSON.stringify({
      listen: { port },
      data: "data",
      lock: options.lock ?? join(home, "plugins/plugins.lock"),
      consents: join(home, "plugins/consents.json"),
      plugins: Object.fromEntries(
        plugins.map((name) => [name, { path: folders[name] ?? sample(name) }]),
      ),
      roles: { reader: ["tool.text.*", "tool.notes.list", "tool.notes.read"] },
      workspaces: {
        studio: { allow: plugins.map((name) => `tool.${name}.*`) },
        library: { allow: ["tool.text.*", "tool.notes.*"] },
      },
      users: {
        ada: {
          permissions: ["tool.*", ...(options.adminRights ?? [])],
          workspaces: ["studio", "library"],
        },
        ben: { role: "reader", workspaces: ["library"] },
      },
      limits: {
        rate: { user: options.callsPerMinute ?? 1_000_000 },
        concurrency: { user: 100_000 },
      },
      sandbox: { run_as: { uid: 65_534, gid: 65_534 } },
    }),
  );
  return {
    folder,
    config,
    data: join(folder, "data"),
    [Symbol.asyncDispose]: () => Promise.resolve(removeFolder(folder)),
  };
}

/** A gateway that runs as a process of its own. */
export interface RunningGateway extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Where it serves MCP. */
  readonly address: string;
  /** A token for ada in studio. */
  readonly token: string;
  /** Opens the operator's page, once. */
  readonly page: string;
  /** What it could not admit or start, in its words. */
  readonly problems: readonly string[];
  /** What it wrote for people so far. */
  log(): string;
  /** Asks it to stop, and answers its exit code. */
  stop(signal?: "SIGTERM" | "SIGINT"): Promise<number | null>;
}

/** Starts a gateway and waits until it serves; `wrapper` is a command in front of it. */
export async function startGateway(
  config: string,
  wrapper: readonly string[] = [],
): Promise<RunningGateway> {
  const [program, ...args] = [...wrapper, sigil, "up", "--config", config, "--json"];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString("utf8")));
  const ended = once(child, "exit");
  const first = once(createInterface({ input: child.stdout }), "line");
  const outcome = await Promise.race([first, ended.then(() => undefined)]);
  if (!outcome) throw new Error(`The gateway did not start: ${log}`);
  const facts: { address: string; token: string; page: string; problems: readonly string[] } =
    JSON.parse(String(outcome[0]));
  const stop = async (signal: "SIGTERM" | "SIGINT" = "SIGTERM"): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
    return child.exitCode;
  };
  return {
    child,
    ...facts,
    log: () => log,
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
}

/** How a verb ended. */
export interface VerbEnd {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a verb to its end. */
export const runSigilCommand = (...args: readonly string[]): Promise<VerbEnd> =>
  runSigilWith("", ...args);

/** Runs a verb with something on its standard input. */
export async function runSigilWith(input: string, ...args: readonly string[]): Promise<VerbEnd> {
  const child = spawn(sigil, args, { stdio: ["pipe", "pipe", "pipe"] });
  const text: { out: string; err: string } = { out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => (text.out += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (text.err += chunk.toString("utf8")));
  // A verb that reads nothing may end before it is written to.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  await once(child, "close");
  return { code: child.exitCode, ...text };
}
