import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { compilePolicy, type Policy } from "../policy.ts";
import type { SandboxReport } from "../report.ts";
import { createSandbox, diagnoseSandbox, type SandboxOptions } from "../sandbox.ts";
import { quoted } from "../quoted.ts";
import { SandboxError } from "../sandbox-error.ts";
import type { SandboxedProcess } from "../sandboxed-process.ts";
import { policyLines } from "./policy-text.ts";
import { parsePolicyFile, type PolicyFile } from "./policy-file.ts";

/** Where the command reads and writes. */
export interface CommandStreams {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

const HELP = `Usage: sigil-sandbox --policy FILE [--env NAME=VALUE]... -- PROGRAM [ARGUMENT]...
       sigil-sandbox --policy FILE --show
       sigil-sandbox --probe

  Runs a program that the operating system holds to a policy, with its input and output, and ends with its exit code.
  --show    what the policy lets a program touch, in plain words; runs nothing
  --probe   what this machine can enforce, each probe with its remedy

The policy file is JSON: "code" (a folder, seen read-only as /plugin; PROGRAM lies in it, or is node or python3),
"grants" (such as "filesystem.read./srv/data/*"), "denials", "readDeny", "data" (a folder it may write), "limits",
and "runAs" ({ "uid": …, "gid": … }), which root needs.

Exit codes: the program's; 128 and the number of the signal that ended it; 2 usage; 3 nothing was run, and why`;

const USAGE = 2;
const NOT_RUN = 3;

/** Runs the command and answers its exit code. Whatever goes wrong before the program runs is one message and exit code 3. */
export async function runCommand(
  argv: readonly string[],
  streams: CommandStreams,
): Promise<number> {
  const say = (text: string): void => void streams.stderr.write(`${text}\n`);
  try {
    const asked = readArguments(argv);
    if (asked === undefined) {
      say(HELP);
      return USAGE;
    }
    return await inFolder((folder) => run(asked, folder, streams, say));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    say(error.message);
    if (error instanceof SandboxError && error.remedy !== undefined) say(`→ ${error.remedy}`);
    return NOT_RUN;
  }
}

type Asked =
  | { readonly verb: "probe" }
  | { readonly verb: "show"; readonly policy: string }
  | {
      readonly verb: "run";
      readonly policy: string;
      readonly env: Readonly<Record<string, string>>;
      readonly command: readonly [string, ...string[]];
    };

/** What was asked for; `undefined` when that is not clear, and nothing is guessed. */
function readArguments(argv: readonly string[]): Asked | undefined {
  const end = argv.indexOf("--");
  const own = end === -1 ? argv : argv.slice(0, end);
  const [program, ...args] = end === -1 ? [] : argv.slice(end + 1);
  if (own.length === 1 && own[0] === "--probe" && program === undefined) return { verb: "probe" };
  const [flag, policy, ...rest] = own;
  if (flag !== "--policy" || policy === undefined) return undefined;
  if (rest.length === 1 && rest[0] === "--show" && program === undefined) {
    return { verb: "show", policy };
  }
  const env = new Map<string, string>();
  for (let at = 0; at < rest.length; at += 2) {
    const [, name, value] = /^([^=]+)=(.*)$/su.exec(rest[at + 1] ?? "") ?? [];
    if (rest[at] !== "--env" || name === undefined || value === undefined) return undefined;
    env.set(name, value);
  }
  if (program === undefined) return undefined;
  return { verb: "run", policy, env: Object.fromEntries(env), command: [program, ...args] };
}

async function run(
  asked: Asked,
  folder: string,
  streams: CommandStreams,
  say: (text: string) => void,
): Promise<number> {
  const options: SandboxOptions = {
    runtimeDirectory: join(folder, "run"),
    onViolation: async ({ kind, detail }) => say(`sigil-sandbox: ${kind}: ${detail}`),
    onEgress: async ({ outcome, host, port }) =>
      say(`sigil-sandbox: connection to ${quoted(`${host}:${port}`)}: ${outcome}`),
  };
  if (asked.verb === "probe") {
    const report = await diagnoseSandbox({ ...options, ...nobodyForRoot() });
    for (const line of probeLines(report)) streams.stdout.write(`${line}\n`);
    return report.usable ? 0 : NOT_RUN;
  }
  const file = parsePolicyFile(await readFile(asked.policy, "utf8"));
  const policy = policyOf(file, asked.verb === "run" ? asked.command : ["node"]);
  if (asked.verb === "show") {
    for (const line of policyLines(policy)) streams.stdout.write(`${line}\n`);
    return 0;
  }
  await using sandbox = await createSandbox({
    ...options,
    ...(file.runAs ? { runAs: file.runAs } : {}),
  });
  return await follow(await sandbox.launch(policy, { env: asked.env }), streams);
}

const policyOf = (file: PolicyFile, command: readonly [string, ...string[]]): Policy =>
  compilePolicy({
    plugin: "sigil-sandbox",
    grants: file.grants,
    denials: file.denials,
    readDeny: file.readDeny,
    code: resolve(file.code),
    ...(file.data === undefined ? {} : { data: resolve(file.data) }),
    command,
    limits: file.limits,
    platform: process.platform === "darwin" ? "darwin" : "linux",
  });

/** Joins the program to our streams and waits for its end; signals that we get end it. */
async function follow(
  program: SandboxedProcess,
  { stdin, stdout, stderr }: CommandStreams,
): Promise<number> {
  const stop = (): void => void program.terminate();
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  try {
    // A program that reads no input, or ends before it was read, is no failure.
    void pipeline(stdin, program.stdin).catch(() => undefined);
    await Promise.all([
      pipeline(program.stdout, stdout, { end: false }),
      pipeline(program.stderr, stderr, { end: false }),
    ]);
    const { code, signal } = await program.exited;
    return code ?? 128 + (signal === null ? 0 : (signals.get(signal) ?? 0));
  } finally {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
    stdin.destroy();
  }
}

const signals: ReadonlyMap<string, number> = new Map([
  ["SIGHUP", 1],
  ["SIGINT", 2],
  ["SIGABRT", 6],
  ["SIGKILL", 9],
  ["SIGSEGV", 11],
  ["SIGTERM", 15],
  ["SIGXFSZ", 25],
  ["SIGSYS", 31],
]);

const nobodyForRoot = (): Pick<SandboxOptions, "runAs"> =>
  process.getuid?.() === 0 ? { runAs: { uid: 65_534, gid: 65_534 } } : {};

function probeLines({ probes, usable }: SandboxReport): readonly string[] {
  const rows = probes.flatMap(({ name, status, detail, remedy }) => [
    `${status.padEnd(8)} ${name}: ${detail}`,
    ...(remedy === undefined ? [] : [`         → ${remedy}`]),
  ]);
  return [...rows, usable ? "Programs can be contained here." : "Nothing can be contained here."];
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "sigil-"));
  // Whoever the program runs as must be able to reach its sockets by a name that it was given.
  await chmod(folder, 0o711);
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
