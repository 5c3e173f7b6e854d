import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { chmod, copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate, setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type AuditStore, Enforcer } from "@sigilrt/enforcer";
import { acceptUnverified } from "@sigilrt/integrity";
import type { PluginHost } from "@sigilrt/lifecycle";
import { acceptDeclared, PluginManager } from "@sigilrt/manager";
import { createMcpHost, type McpRunner } from "@sigilrt/mcp-host";
import { createProcessHost, unconfinedRunner } from "@sigilrt/process-host";
import { compilePolicy, createSandbox, type Sandbox } from "@sigilrt/sandbox";
import { describeWith } from "@sigilrt/testing";
import { count } from "@sigilrt/testing/counts";
import { componentPlugins, createWasmHost } from "@sigilrt/wasm-host";
import { expect, it } from "vitest";

const kills = count("kills");
/** What is started once for all cycles is there after these. */
const WARM = 3;
const fixtures = fileURLToPath(new URL("../fixtures/", import.meta.url));
/** Stands in the environment of every process of a plugin, whoever its parent is by now. */
const mark = `soak-${process.pid}-${Math.random()}`;

interface Kind {
  readonly open: (home: string) => Promise<{
    readonly host: PluginHost;
    readonly close: () => Promise<void>;
  }>;
  /** How many processes one instance is at least. */
  readonly processes: number;
  readonly manifest: string;
  readonly files: (folder: string) => Promise<void>;
}

const nothing = (): Promise<void> => Promise.resolve();
const environment = `env: { SOAK: "${mark}" }\n`;
const kinds: Readonly<Record<string, Kind>> = {
  process: {
    open: async () => {
      const runner = unconfinedRunner();
      const host = createProcessHost({ runner, security: { mtls: "off" } });
      return await Promise.resolve({ host, close: nothing });
    },
    processes: 1,
    manifest: `${environment}execution: { tier: process }\nentry: { command: [node, --conditions=@sigilrt/source, main.mjs, "1.0.0", /dev/null] }\n`,
    files: (folder) => {
      const program = new URL("../fixtures/manager/versioned-plugin.ts", import.meta.url);
      return writeFile(join(folder, "main.mjs"), `import ${JSON.stringify(program.href)};\n`);
    },
  },
  "sandboxed mcp-stdio that forks twice": {
    open: async (home) => {
      const sandbox = await createSandbox({
        runtimeDirectory: join(home, "run"),
        onViolation: nothing,
        ...(process.getuid?.() === 0 ? { runAs: { uid: 65_534, gid: 65_534 } } : {}),
      });
      const host = createMcpHost({ runner: contained(sandbox) });
      return { host, close: () => sandbox.close() };
    },
    // The server and the orphan.
    processes: 2,
    manifest: `${environment}execution: { tier: process }\nadapter: mcp-stdio\nentry: { command: [node, server.mjs] }\n`,
    files: (folder) => {
      const server = new URL("../fixtures/manager/forking-server.mjs", import.meta.url);
      return copyFile(server, join(folder, "server.mjs"));
    },
  },
  component: {
    open: async () => {
      const wasm = createWasmHost({ isolation: "worker", timeoutMs: 30_000 });
      const host = componentPlugins(wasm, { decide: () => Promise.resolve(true), imports: {} });
      const close = async (): Promise<void> => {
        await wasm.close();
        const { idle, busy, ending } = wasm.stats().workers;
        expect(idle + busy + ending).toBe(0);
      };
      return await Promise.resolve({ host, close });
    },
    processes: 0,
    manifest: "execution: { tier: wasm }\nentry: { module: guest.wasm }\n",
    files: (folder) => copyFile(join(fixtures, "wasm/guest.wasm"), join(folder, "guest.wasm")),
  },
};

/** Starts MCP servers in a sandbox, with no right beyond their tree. */
function contained(sandbox: Sandbox): McpRunner {
  return {
    async spawn({ command, root, environment: env, limits }, signal) {
      const policy = compilePolicy({
        plugin: "demo",
        command,
        code: root,
        grants: [],
        platform: "linux",
        limits: {
          memoryBytes: limits.memoryBytes,
          pids: limits.pids,
          cpuCores: limits.cpu,
          openFiles: 256,
          fileBytes: 16_777_216,
          tmpBytes: 16_777_216,
        },
      });
      const program = await sandbox.launch(policy, { env, signal });
      const { stdin, stdout, stderr } = program;
      const exited = program.exited.then(({ code }) => (code === null ? {} : { code }));
      return {
        stdin,
        stdout,
        stderr,
        exited,
        kill: (by) => (by === "SIGTERM" ? program.terminate() : program.close()),
      };
    },
  };
}

/** A store of records that keeps none, so that memory shows what the manager keeps. */
function forgetful(): AuditStore {
  let seq = 0;
  return {
    append: (records) =>
      Promise.resolve(
        records.map(() => {
          seq += 1;
          return { log: "none", seq, decisionId: `none-${seq}` };
        }),
      ),
    query: () => Promise.resolve({ records: [] }),
  };
}

const principal = { workspace: "home", user: "ada", workspaceAllow: ["*"], permissions: ["*"] };

/** One start, and one end of it at a random moment: before its handshake, during it, or while it works. */
async function cycle(manager: PluginManager): Promise<void> {
  const abort = new AbortController();
  const call = manager.call(
    { plugin: "demo", tool: "echo", arguments: {}, principal },
    { signal: abort.signal },
  );
  const ended = call.then(() => abort.abort());
  // The moment is the point: nothing tells when a plugin may be killed.
  await setTimeout(Math.random() * 250, undefined, { signal: abort.signal }).catch(nothing);
  const way = Math.floor(Math.random() * 3);
  if (way === 0) for (const id of marked()) kill(id);
  if (way === 1) abort.abort();
  if (way === 2) await manager.stop("demo");
  await ended;
  await manager.stop("demo");
}

/** Processes of plugins, zombies apart. */
function marked(): readonly number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((id) => {
      try {
        const isZombie = /^State:\s+Z/mu.test(readFileSync(`/proc/${id}/status`, "utf8"));
        return id > 0 && !isZombie && readFileSync(`/proc/${id}/environ`, "utf8").includes(mark);
      } catch {
        return false;
      }
    });
}

function kill(id: number): void {
  try {
    process.kill(id, "SIGKILL");
  } catch {
    // It was faster.
  }
}

interface Held {
  readonly descriptors: number;
  readonly sockets: number;
  readonly listeners: number;
  readonly heapBytes: number;
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

async function held(): Promise<Held> {
  for (let turn = 0; turn < 10; turn += 1) {
    collect();
    // oxlint-disable-next-line no-await-in-loop -- what was closed lets go of its handles in later turns
    await setImmediate();
  }
  const targets = readdirSync("/proc/self/fd").flatMap((id) => {
    try {
      return [readlinkSync(`/proc/self/fd/${id}`)];
    } catch {
      return [];
    }
  });
  return {
    descriptors: targets.length,
    sockets: targets.filter((target) => target.startsWith("socket:")).length,
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    heapBytes: process.memoryUsage().heapUsed,
  };
}

describeWith(["bwrap", "prlimit"], "a plugin that is started and killed at random moments", () => {
  it.each(Object.keys(kinds))(`leaves nothing of a %s after ${kills} cycles`, async (name) => {
    const kind = kinds[name];
    if (!kind) throw new Error(`Cannot test ${name}`);
    const before = process.env["TMPDIR"];
    const home = await mkdtemp(join(tmpdir(), "kills-"));
    const temporary = join(home, "t");
    const folder = join(home, "plugins/demo");
    await mkdir(temporary);
    await mkdir(join(home, "run"), { mode: 0o711 });
    await mkdir(folder, { recursive: true });
    // Programs of another user come by here to their tree.
    await chmod(home, 0o711);
    await chmod(temporary, 0o711);
    process.env["TMPDIR"] = temporary;
    try {
      await kind.files(folder);
      await writeFile(
        join(folder, "plugin.yaml"),
        `name: demo\nversion: 1.0.0\ntype: tool\n${kind.manifest}lifecycle: { scope: shared, graceful_shutdown_timeout: 1s }\nresources: { timeouts: { start: 20s, call: 20s, idle: 20s } }\n`,
      );
      const { host, close } = await kind.open(home);
      const audit = forgetful();
      const manager = new PluginManager({
        directories: [join(home, "plugins")],
        hosts: Object.fromEntries(host.adapters.map((adapter) => [adapter, host])),
        verifier: acceptUnverified(),
        consent: acceptDeclared(),
        enforcer: new Enforcer(audit, Date),
        audit,
        engine: "0.1.0",
        restart: { baseDelayMs: 1, maxDelayMs: 1, quarantineAfter: 1_000_000 },
      });
      expect((await manager.discover()).admitted).toHaveLength(1);
      await manager.start("demo");
      // oxlint-disable-next-line no-await-in-loop -- forks take their time
      while (marked().length < kind.processes) await setImmediate();
      await manager.stop("demo");
      for (let done = 0; done < WARM; done += 1) {
        // oxlint-disable-next-line no-await-in-loop -- one cycle after the other
        await cycle(manager);
      }
      const first = await held();
      for (let done = 0; done < kills; done += 1) {
        // oxlint-disable-next-line no-await-in-loop -- one cycle after the other
        await cycle(manager);
      }
      const last = await held();
      expect(marked()).toEqual([]);
      expect(Math.abs(last.descriptors - first.descriptors)).toBeLessThanOrEqual(2);
      expect([last.sockets, last.listeners]).toEqual([first.sockets, first.listeners]);
      expect(last.heapBytes - first.heapBytes).toBeLessThan(16_777_216);
      await manager.close();
      await close();
      expect([marked(), await readdir(temporary)]).toEqual([[], []]);
      console.info(`${name}: ${kills} cycles, ${JSON.stringify({ first, last })}`);
    } finally {
      for (const id of marked()) kill(id);
      if (before === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = before;
      await rm(home, { recursive: true, force: true });
    }
  });
});
