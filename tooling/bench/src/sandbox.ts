import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { compilePolicy, createSandbox } from "@sigilrt/sandbox";
import type { CallCase, OpenCalls } from "./call-ratio.ts";

const limits = {
  memoryBytes: 268_435_456,
  pids: 64,
  cpuCores: 1,
  openFiles: 256,
  fileBytes: 1_048_576,
  tmpBytes: 1_048_576,
};
const own = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;
const namespaces = ["user", "pid", "net", "ipc", "uts", "cgroup"].map(
  (name) => `--unshare-${name}`,
);
const bareMounts = ["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"];

/** What a program printed, from its start to its end. */
async function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "inherit"], ...own });
  const [printed] = await Promise.all([text(child.stdout), once(child, "exit")]);
  return printed;
}

type Program = "node" | "true";
type Peer = "bwrap" | "bare" | "runtime";

/** The command of the other runtime; it needs two programs of the system. */
const runtimeCommand = fileURLToPath(
  new URL("cli.js", import.meta.resolve("@anthropic-ai/sandbox-runtime")),
);
const runtimeTools = ["/usr/bin/socat", "/usr/bin/rg"];
const canRunRuntime = [runtimeCommand, ...runtimeTools].every((path) => existsSync(path));
const settings = {
  network: { allowedDomains: [], deniedDomains: [] },
  filesystem: { denyRead: [], allowRead: [], allowWrite: [], denyWrite: [] },
};

/** Whoever started this may have left descriptors open: ours covers each of them at every start, and the peer hands them on. */
function warnOfDescriptors(): void {
  const inherited = readdirSync("/proc/self/fd")
    .map(Number)
    .filter((fd) => fd > 2 && isInherited(fd));
  if (inherited.length === 0) return;
  console.warn(
    `Descriptors ${inherited.join(", ")} are inherited: starts take longer than without`,
  );
}

function isInherited(fd: number): boolean {
  try {
    return !/^flags:\s*[0-7]*[2367][0-7]{6}$/mu.test(
      readFileSync(`/proc/self/fdinfo/${fd}`, "latin1"),
    );
  } catch {
    return false;
  }
}

async function open(program: Program, peer: Peer): Promise<OpenCalls> {
  warnOfDescriptors();
  const folder = await mkdtemp(join(await realpath(tmpdir()), "bench-"));
  await chmod(folder, 0o711);
  const code = join(folder, "code");
  await mkdir(code);
  await writeFile(join(code, "main.mjs"), 'console.log("ready");\n');
  await copyFile("/usr/bin/true", join(code, "true"));
  const sandbox = await createSandbox({
    runtimeDirectory: join(folder, "run"),
    ...(own === undefined ? {} : { runAs: own }),
    onViolation: () => Promise.resolve(),
  });
  const policy = compilePolicy({
    plugin: "bench",
    grants: [],
    code,
    command: program === "node" ? ["node", "/plugin/main.mjs"] : ["true"],
    limits,
    platform: "linux",
  });
  const raw = [...namespaces, ...bareMounts, "--die-with-parent", "--"];
  const plain: readonly [string, ...string[]] =
    program === "node" ? [process.execPath, join(code, "main.mjs")] : [join(code, "true")];
  const [first, ...rest] = plain;
  const settingsFile = join(code, "settings.json");
  await writeFile(settingsFile, JSON.stringify(settings));
  const peers = {
    bare: () => run(first, rest),
    bwrap: () => run("/usr/bin/bwrap", [...raw, ...plain]),
    runtime: () =>
      run(process.execPath, [runtimeCommand, "--settings", settingsFile, "-c", plain.join(" ")], {
        PATH: "/usr/bin:/bin",
        HOME: folder,
      }),
  } as const satisfies Record<Peer, () => Promise<string>>;
  return {
    async ours() {
      const started = await sandbox.launch(policy);
      const [printed] = await Promise.all([text(started.stdout), started.exited]);
      return printed;
    },
    peer: peers[peer],
    async [Symbol.asyncDispose]() {
      await sandbox.close();
      await rm(folder, { recursive: true });
    },
  };
}

const often = { calls: 4, rounds: 21 };

// sandbox.md section 13: from the start of a program to its end.
export const sandboxCases: readonly CallCase[] = [
  {
    name: "sandbox: start and end of a Node plugin, against raw bwrap with the same namespaces",
    maxRatio: 1.2,
    ...often,
    open: () => open("node", "bwrap"),
  },
  {
    name: "sandbox: a program that exits at once, against raw bwrap with the same namespaces",
    maxRatio: 1.6,
    ...often,
    open: () => open("true", "bwrap"),
  },
  {
    name: "sandbox: start and end of a Node plugin, against its bare start",
    maxRatio: 1.35,
    ...often,
    open: () => open("node", "bare"),
  },
  // A library call against a command, which starts a Node of its own first; nothing may be made of it without that sentence.
  ...(canRunRuntime
    ? [
        {
          name: "sandbox: start and end of a Node plugin, against the command line of @anthropic-ai/sandbox-runtime",
          maxRatio: 1,
          calls: 2,
          rounds: 11,
          open: () => open("node", "runtime"),
        },
      ]
    : []),
];
