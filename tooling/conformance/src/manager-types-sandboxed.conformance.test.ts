import { chmod, chown, mkdir, mkdtemp, realpath, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createMemoryAuditStore, Enforcer } from "@sigilrt/enforcer";
import { acceptUnverified, openPluginStore } from "@sigilrt/integrity";
import { acceptDeclared, PluginManager } from "@sigilrt/manager";
import { createProcessHost, type Runner } from "@sigilrt/process-host";
import { compilePolicy, createSandbox, type Sandbox } from "@sigilrt/sandbox";
import { describeWith } from "@sigilrt/testing";
import { removeFolder } from "@sigilrt/testing/remove-folder";
import { build } from "esbuild";
import { afterEach, beforeEach, expect, it } from "vitest";
import { askVersion, everybody, hasTools, livingWith, type Type } from "./each-type.ts";

// Plugins of a gateway that runs as root run as somebody else.
const runAs = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;

let home: string;
let sandbox: Sandbox;
let violations: string[];

beforeEach(async () => {
  home = await mkdtemp(join(await realpath(tmpdir()), "ty-"));
  violations = [];
  await chmod(home, 0o711);
  for (const name of ["run", "store"]) {
    // oxlint-disable-next-line no-await-in-loop -- two folders
    await mkdir(join(home, name), { mode: 0o711 });
  }
  await mkdir(join(home, "data"), { mode: 0o700 });
  if (runAs) await chown(join(home, "data"), runAs.uid, runAs.gid);
  sandbox = await createSandbox({
    runtimeDirectory: join(home, "run"),
    onViolation: async ({ kind }) => void violations.push(kind),
    onEgress: () => Promise.reject(new Error("no connections")),
    ...(runAs ? { runAs } : {}),
  });
});
afterEach(async () => {
  await sandbox.close();
  removeFolder(home);
});

/** Contains go-plugin programs, as a gateway does. */
function contained(): Runner {
  return {
    async spawn({ identity, command, root, grants, limits, environment }, signal) {
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
        data: join(home, "data"),
        grants: grants.allow,
        denials: grants.deny,
        limits: { memoryBytes, pids, cpuCores, ...fixed },
        platform: "linux",
      });
      const program = await sandbox.launch(policy, { env, signal });
      const { pid, stdout, stderr } = program;
      return {
        pid,
        ...(runAs ? { uid: runAs.uid } : {}),
        stdout,
        stderr,
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
}

/** Lays plugin `demo` out as one file, since nothing outside of its tree is there for it. */
async function lay(type: Type): Promise<(version: string) => Promise<void>> {
  const folder = join(home, "plugins/demo");
  const program = hasTools(type) ? "versioned-plugin.ts" : "service-plugin.ts";
  await mkdir(folder, { recursive: true });
  await build({
    entryPoints: [fileURLToPath(new URL(`../fixtures/manager/${program}`, import.meta.url))],
    bundle: true,
    format: "esm",
    platform: "node",
    conditions: ["@sigilrt/source"],
    outfile: join(folder, "main.mjs"),
    logLevel: "silent",
  });
  return (version) => {
    const args = [...(hasTools(type) ? [] : [type]), version, `/tmp/${basename(home)}`].join(", ");
    return writeFile(
      join(folder, "plugin.yaml"),
      `name: demo
version: ${version}
type: ${type}
execution: { tier: process }
entry: { command: [node, main.mjs, ${args}] }
lifecycle: { scope: shared, hot_reload: true, graceful_shutdown_timeout: 30s }
resources: { timeouts: { start: 30s, call: 60s, idle: 60s } }
`,
    );
  };
}

/** Programs of the plugin: its arguments name a file of its own. */
const living = (): number => livingWith(basename(home));

describeWith(["bwrap", "prlimit"], "in the sandbox", () => {
  it.each(["tool", "skill", "channel", "provider"] as const)(
    "a %s is discovered, decided, called and reloaded, and leaves nothing",
    async (type) => {
      const version = await lay(type);
      await version("1.0.0");
      const audit = createMemoryAuditStore({ maxRecords: 10_000 });
      const manager = new PluginManager({
        directories: [join(home, "plugins")],
        hosts: { grpc: createProcessHost({ runner: contained(), security: { mtls: "off" } }) },
        verifier: acceptUnverified(),
        consent: acceptDeclared(),
        store: await openPluginStore(join(home, "store")),
        enforcer: new Enforcer(audit, Date),
        audit,
        engine: "0.1.0",
      });
      const ask = askVersion[type];
      expect((await manager.discover()).admitted).toMatchObject([{ plugin: "demo" }]);
      await expect(ask(manager, { ...everybody, permissions: [] })).rejects.toThrow(/denied/u);
      expect((await audit.query({ plugin: "demo", result: "denied" })).records).toHaveLength(1);
      expect(living()).toBe(0);

      expect(await ask(manager, everybody)).toBe("1.0.0");
      expect(living()).toBeGreaterThan(0);
      await version("2.0.0");
      expect(await manager.reload("demo")).toMatchObject({ kind: "replaced", version: "2.0.0" });
      expect(await ask(manager, everybody)).toBe("2.0.0");

      await manager.close();
      expect(living()).toBe(0);
      expect(violations.filter((kind) => kind !== "descriptor_covered")).toEqual([]);
    },
  );
});
