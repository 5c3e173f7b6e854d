import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, readFileSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { text } from "node:stream/consumers";
import { compilePolicy, createSandbox } from "@sigilrt/sandbox";
import { type Attack, openAttackTarget, type AttackTarget } from "@sigilrt/sandbox/testing";

/** A program for an interpreter, which a contender runs with every program of the system at hand and one folder to write in. */
interface HostileProgram {
  readonly runtime: Attack["runtime"] | "python3";
  readonly text: string;
  readonly args: readonly string[];
  readonly limits: Attack["limits"];
}

/** A way to start plugins, with the same canaries around it. */
export interface OpenContender extends AsyncDisposable {
  readonly target: AttackTarget;
  /** Answers what the program printed. */
  run(program: HostileProgram): Promise<string>;
}

/** One column of the comparison. */
export interface Contender {
  readonly name: string;
  /** How it is started, for the reader. */
  readonly form: string;
  open(): Promise<OpenContender>;
}

const owner = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;
const limits = {
  memoryBytes: 268_435_456,
  pids: 64,
  cpuCores: 1,
  openFiles: 256,
  fileBytes: 1_048_576,
  tmpBytes: 1_048_576,
};
const files = { node: "attack.mjs", sh: "attack.sh", python3: "attack.py" } as const;

/** The folder of the runtime's package. */
const peer = dirname(dirname(fileURLToPath(import.meta.resolve("@anthropic-ai/sandbox-runtime"))));

/** Versions of what is compared. */
export function versions(): Readonly<Record<string, string>> {
  const said = spawnSync("bwrap", ["--version"], { encoding: "utf8" }).stdout;
  const manifest = readFileSync(join(peer, "package.json"), "utf8");
  const version = /"version": "([^"]+)"/u.exec(manifest)?.[1] ?? "unknown";
  return {
    bubblewrap: said.trim().split(" ").at(-1) ?? "unknown",
    "@anthropic-ai/sandbox-runtime": version,
    node: process.versions.node,
  };
}

/** Why the runtime cannot be run here by the user of the attacks; `undefined` where it can. */
export function peerFault(): string | undefined {
  const missing = ["socat", "rg"].filter(
    (tool) => spawnSync("sh", ["-c", `command -v ${tool}`], { stdio: "ignore" }).status !== 0,
  );
  if (missing.length > 0) return `needs ${missing.join(" and ")}`;
  const check = `require("fs").accessSync(${JSON.stringify(join(peer, "package.json"))})`;
  const { status } = spawnSync(process.execPath, ["-e", check], { ...owner, cwd: "/", env: {} });
  return status === 0 ? undefined : "needs a clone that an ordinary user can read";
}

/** A folder that everybody may search, with canaries in it, removed at the end. */
async function openFolder(inside?: Pick<AttackTarget, "code" | "data">) {
  const root = await mkdtemp(join(await realpath(tmpdir()), "comparison-"));
  await chmod(root, 0o711);
  const folder = join(root, "target");
  await mkdir(folder);
  await chmod(folder, 0o711);
  const opened = await openAttackTarget({
    folder,
    ...(owner === undefined ? {} : { owner }),
    ...(inside === undefined ? {} : { inside }),
  });
  return {
    ...opened,
    root,
    async addProgram({ runtime, text: content }: HostileProgram): Promise<string> {
      const path = join(opened.code, files[runtime]);
      await writeFile(path, content);
      await chmod(path, 0o755);
      return path;
    },
    async close(): Promise<void> {
      await opened[Symbol.asyncDispose]();
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** What this repository starts plugins with. */
export const ours: Contender = {
  name: "@sigilrt/sandbox",
  form: "`createSandbox`, a policy that grants `exec.*` and its data folder",
  async open() {
    const folder = await openFolder({ code: "/plugin", data: "/data/plugins/self" });
    const { target, code, data, root } = folder;
    const sandbox = await createSandbox({
      runtimeDirectory: join(root, "run"),
      onViolation: () => Promise.resolve(),
      ...(owner === undefined ? {} : { runAs: owner }),
    });
    return {
      target,
      async run(program) {
        await folder.addProgram(program);
        const file = files[program.runtime];
        const policy = compilePolicy({
          plugin: "hostile",
          grants: ["exec.*"],
          code,
          data,
          command: program.runtime === "sh" ? [file] : [program.runtime, `/plugin/${file}`],
          limits: { ...limits, ...program.limits },
          platform: "linux",
        });
        const started = await sandbox.launch(policy, { args: program.args });
        started.stderr.resume();
        const [printed] = await Promise.all([text(started.stdout), started.exited]);
        return printed;
      },
      async [Symbol.asyncDispose]() {
        await sandbox.close();
        await folder.close();
      },
    };
  },
};

/** A command that runs another, started as people start it: with the variables of whoever starts it. */
function wrapper(
  name: string,
  form: string,
  wrap: (
    command: readonly string[],
    folder: Awaited<ReturnType<typeof openFolder>>,
    node: string,
  ) => Promise<readonly string[]>,
): Contender {
  return {
    name,
    form,
    async open() {
      const folder = await openFolder();
      // Where it was installed an ordinary user may not reach it.
      const node = join(folder.root, "node");
      await copyFile(process.execPath, node, constants.COPYFILE_FICLONE);
      await chmod(node, 0o755);
      accessSync(node, constants.X_OK);
      const interpreters = { node, sh: "/bin/sh", python3: "/usr/bin/python3" };
      return {
        target: folder.target,
        async run(program) {
          const path = await folder.addProgram(program);
          const command = [interpreters[program.runtime], path, ...program.args];
          const [first = "", ...rest] = await wrap(command, folder, node);
          const child = spawn(first, rest, {
            cwd: folder.data,
            env: {
              PATH: process.env["PATH"],
              HOME: folder.data,
              SANDBOX_CANARY: folder.target.canary,
            },
            stdio: ["ignore", "pipe", "ignore"],
            ...owner,
          });
          const [printed] = await Promise.all([text(child.stdout), once(child, "close")]);
          return printed;
        },
        [Symbol.asyncDispose]: () => folder.close(),
      };
    },
  };
}

const mounts = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"];
const namespaces = ["--unshare-net", "--unshare-pid", "--die-with-parent", "--"];

/** Bubblewrap as its users write it. */
export const plainBwrap = wrapper(
  "bwrap",
  "`bwrap --ro-bind / / --dev /dev --proc /proc --bind DATA DATA --unshare-net --unshare-pid --die-with-parent -- COMMAND`",
  async (command, { data }) => [
    "/usr/bin/bwrap",
    ...mounts,
    "--bind",
    data,
    data,
    ...namespaces,
    ...command,
  ],
);

const runtime = (name: string, form: string, reads: (folder: string) => readonly string[]) =>
  wrapper(name, form, async (command, folder, node) => {
    const settings = join(folder.root, "settings.json");
    const filesystem = {
      denyRead: reads(folder.target.folder),
      allowRead: [folder.code, folder.data],
      allowWrite: [folder.data],
      denyWrite: [],
    };
    const network = { allowedDomains: [], deniedDomains: [] };
    await writeFile(settings, JSON.stringify({ network, filesystem }));
    await chmod(settings, 0o644);
    const line = command.map((word) => `'${word}'`).join(" ");
    return [node, join(peer, "dist/cli.js"), "--settings", settings, "-c", line];
  });

/** The runtime as it comes: what is not denied can be read. */
export const openReads = runtime(
  "sandbox-runtime",
  "`srt -c COMMAND`, no domain allowed, writing allowed in DATA alone",
  () => [],
);

/** The runtime with the places denied in which secrets are known to lie. */
export const deniedReads = runtime(
  "sandbox-runtime, reads denied",
  "the same, with `denyRead` for the folder of the canaries, `/root` and `/home`",
  (folder) => [folder, "/root", "/home"],
);
