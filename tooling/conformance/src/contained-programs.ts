import { chmod, chown, mkdir, mkdtemp, realpath } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Runner } from "@sigilrt/process-host";
import { compilePolicy, createSandbox, type EgressDecision } from "@sigilrt/sandbox";
import { removeFolder } from "@sigilrt/testing/remove-folder";
import { build } from "esbuild";

// Plugins of a gateway that runs as root run as somebody else.
const runAs = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;

/** A sandbox that go-plugin programs are contained in, as a gateway does it. */
export interface ContainedPrograms extends AsyncDisposable {
  /** A folder for everything; plugins can search it. */
  readonly home: string;
  readonly runner: Runner;
  /** What the sandbox stopped, by kind. */
  readonly violations: readonly string[];
  /** Lays a program out as one file, since nothing outside of its tree is there for it. */
  bundle(program: string, folder: string): Promise<void>;
}

/** Makes one; without `onEgress` no connection is made. */
export async function containedPrograms(
  onEgress: (decision: EgressDecision) => Promise<void> = () =>
    Promise.reject(new Error("no connections")),
): Promise<ContainedPrograms> {
  const home = await mkdtemp(join(await realpath(tmpdir()), "ty-"));
  const violations: string[] = [];
  await chmod(home, 0o711);
  for (const name of ["run", "store"]) {
    // oxlint-disable-next-line no-await-in-loop -- two folders
    await mkdir(join(home, name), { mode: 0o711 });
  }
  const data = join(home, "data");
  await mkdir(data, { mode: 0o700 });
  if (runAs) await chown(data, runAs.uid, runAs.gid);
  const sandbox = await createSandbox({
    runtimeDirectory: join(home, "run"),
    onViolation: async ({ kind }) => void violations.push(kind),
    onEgress,
    ...(runAs ? { runAs } : {}),
  });
  const runner: Runner = {
    link: true,
    async spawn({ identity, command, root, grants, limits, environment, link }, signal) {
      if (!identity || !command || root === undefined || !grants || !limits) {
        throw new TypeError("Cannot contain a program that is no plugin");
      }
      const { TMPDIR: _host, ...env } = environment;
      const { memoryBytes, pids, cpu: cpuCores } = limits;
      const fixed = { openFiles: 1_024, fileBytes: 2 ** 26, tmpBytes: 2 ** 26 };
      const policy = compilePolicy({
        plugin: identity.plugin,
        command,
        code: root,
        data,
        grants: grants.allow,
        denials: grants.deny,
        limits: { memoryBytes, pids, cpuCores, ...fixed },
        platform: "linux",
      });
      const program = await sandbox.launch(policy, { env, signal, ...(link ? { link } : {}) });
      const { pid, stdout, stderr } = program;
      return {
        pid,
        ...(runAs ? { uid: runAs.uid } : {}),
        stdout,
        stderr,
        ...(program.link === undefined ? {} : { link: program.link }),
        exited: program.exited.then(({ code }) => (code === null ? {} : { code })),
        kill: (how) => (how === "SIGTERM" ? program.terminate() : program.close()),
        diagnose: async () => "",
        connect: ({ address }, within) =>
          program.connect(address.slice("/run/plugin/".length), { signal: within }),
        release: () => program.close(),
      };
    },
    toHost: (address) => address,
    toPlugin: ({ network }) => ({ network, address: "/run/plugin" }),
  };
  return {
    home,
    runner,
    violations,
    async bundle(program, folder) {
      await mkdir(folder, { recursive: true });
      await build({
        entryPoints: [program],
        bundle: true,
        format: "esm",
        platform: "node",
        conditions: ["@sigilrt/source"],
        outfile: join(folder, "main.mjs"),
        logLevel: "silent",
      });
    },
    async [Symbol.asyncDispose]() {
      await sandbox.close();
      removeFolder(home);
    },
  };
}
