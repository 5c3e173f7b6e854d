import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type AuditStore, createMemoryAuditStore, Enforcer } from "@sigilrt/enforcer";
import { acceptUnverified } from "@sigilrt/integrity";
import type { PluginHost } from "@sigilrt/lifecycle";
import { acceptDeclared, type CallOutcome, PluginManager } from "@sigilrt/manager";
import { createMcpHost, type McpRunner } from "@sigilrt/mcp-host";
import { createProcessHost, unconfinedRunner } from "@sigilrt/process-host";
import { count } from "@sigilrt/testing/counts";
import { componentPlugins, createWasmHost } from "@sigilrt/wasm-host";
import { expect, it } from "vitest";

const CALLERS = 64;
const reloads = Math.max(3, count("reloads"));
const fixtures = fileURLToPath(new URL("../fixtures/", import.meta.url));

/** One kind of plugin: its host, and how its folder is laid out. */
interface Kind {
  readonly host: () => { readonly host: PluginHost; readonly left: () => Promise<number> };
  readonly manifest: (version: string, notes: string) => string;
  readonly files: (folder: string) => Promise<void>;
  /** What a version answers when it notes its calls; a component can do neither. */
  readonly answer: (version: string) => { readonly version: string } | undefined;
}

/** Starts programs with the rights of the test. */
const mcpRunner: McpRunner = {
  async spawn({ command: [, ...args], root, environment }) {
    const child = spawn(process.execPath, args, { cwd: root, env: environment, stdio: "pipe" });
    const { promise: exited, resolve } = Promise.withResolvers<{ readonly code?: number }>();
    child.once("exit", (code) => resolve(code === null ? {} : { code }));
    const { stdin, stdout, stderr } = child;
    const kill = async (signal: "SIGTERM" | "SIGKILL"): Promise<void> => {
      await Promise.resolve(child.kill(signal));
    };
    return await Promise.resolve({ stdin, stdout, stderr, exited, kill });
  },
};

const none = (): Promise<number> => Promise.resolve(0);
const kinds: Readonly<Record<string, Kind>> = {
  process: {
    host: () => ({
      host: createProcessHost({ runner: unconfinedRunner(), security: { mtls: "off" } }),
      left: none,
    }),
    manifest: (version, notes) =>
      `execution: { tier: process }\nentry: { command: [node, --conditions=@sigilrt/source, main.mjs, ${version}, ${notes}] }\n`,
    files: async (folder) => {
      const program = new URL("../fixtures/manager/versioned-plugin.ts", import.meta.url);
      await writeFile(join(folder, "main.mjs"), `import ${JSON.stringify(program.href)};\n`);
    },
    answer: (version) => ({ version }),
  },
  "mcp-stdio": {
    host: () => ({ host: createMcpHost({ runner: mcpRunner }), left: none }),
    manifest: (version, notes) =>
      `execution: { tier: process }\nadapter: mcp-stdio\nentry: { command: [node, server.mjs, ${version}, ${notes}] }\n`,
    files: (folder) => {
      const server = new URL("../fixtures/manager/versioned-server.mjs", import.meta.url);
      return copyFile(server, join(folder, "server.mjs"));
    },
    answer: (version) => ({ version }),
  },
  component: {
    host: () => {
      const wasm = createWasmHost({ isolation: "worker", timeoutMs: 30_000 });
      return {
        host: componentPlugins(wasm, { decide: () => Promise.resolve(true), imports: {} }),
        left: async () => {
          await wasm.close();
          const { idle, busy, ending } = wasm.stats().workers;
          return idle + busy + ending;
        },
      };
    },
    manifest: () => "execution: { tier: wasm }\nentry: { module: guest.wasm }\n",
    files: (folder) => copyFile(join(fixtures, "wasm/guest.wasm"), join(folder, "guest.wasm")),
    answer: () => undefined,
  },
};

it.each(
  Object.keys(kinds).flatMap((kind) => [
    [kind, "blue_green"],
    [kind, "exclusive"],
  ]),
)("loses and doubles no call of a %s plugin over reloads, %s", async (name, way) => {
  const kind = kinds[name];
  if (!kind) throw new Error(`Cannot test ${name}`);
  const before = process.env["TMPDIR"];
  const home = await mkdtemp(join(tmpdir(), "soak-"));
  const temporary = join(home, "t");
  const notes = join(home, "notes.txt");
  const folder = join(home, "plugins/demo");
  await mkdir(temporary);
  await mkdir(folder, { recursive: true });
  process.env["TMPDIR"] = temporary;
  try {
    await kind.files(folder);
    const lay = (version: string): Promise<void> =>
      writeFile(
        join(folder, "plugin.yaml"),
        `name: demo\nversion: ${version}\ntype: tool\n${kind.manifest(version, notes)}lifecycle: { scope: shared, hot_reload: ${way === "blue_green"}, graceful_shutdown_timeout: 30s }\nresources: { concurrency: ${CALLERS}, timeouts: { start: 30s, call: 60s, idle: 60s } }\n`,
      );
    await lay("1.0.0");
    const { host, left } = kind.host();
    const memory = createMemoryAuditStore({ maxRecords: 4_000_000 });
    const recorded = new Map<string, number>();
    const audit: AuditStore = {
      append: (records, options) => {
        for (const { action } of records) recorded.set(action, (recorded.get(action) ?? 0) + 1);
        return memory.append(records, options);
      },
      query: (filter, page) => memory.query(filter, page),
    };
    const manager = new PluginManager({
      directories: [join(home, "plugins")],
      hosts: Object.fromEntries(host.adapters.map((adapter) => [adapter, host])),
      verifier: acceptUnverified(),
      consent: acceptDeclared(),
      enforcer: new Enforcer(audit, Date),
      audit,
      engine: "0.1.0",
      limits: { queueMs: 60_000 },
    });
    expect((await manager.discover()).admitted).toHaveLength(1);
    await manager.start("demo");

    const over = new AbortController();
    const outcomes = new Map<number, CallOutcome>();
    const tookMs: number[] = [];
    let asked = 0;
    const caller = async (): Promise<void> => {
      while (!over.signal.aborted) {
        const id = asked;
        asked += 1;
        const began = performance.now();
        // oxlint-disable-next-line no-await-in-loop -- one call after the other
        const outcome = await manager.call({
          plugin: "demo",
          tool: "echo",
          arguments: { id },
          principal: { workspace: "home", user: "ada", workspaceAllow: ["*"], permissions: ["*"] },
        });
        tookMs.push(performance.now() - began);
        outcomes.set(id, outcome);
      }
    };
    const callers = Array.from({ length: CALLERS }, caller);
    // oxlint-disable-next-line no-await-in-loop -- until enough calls were answered
    while (tookMs.length < 20 * CALLERS) await setImmediate();
    const quiet = tookMs.splice(0);
    for (let reload = 0; reload < reloads; reload += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one reload after the other
      await lay(`1.${(reload + 1) % 2}.0`);
      // oxlint-disable-next-line no-await-in-loop -- as above
      expect(await manager.reload("demo")).toMatchObject({
        kind: "replaced",
        way,
        drained: { cancelled: 0 },
      });
    }
    const busy = tookMs.splice(0);
    over.abort();
    await Promise.all(callers);

    expect(outcomes.size).toBe(asked);
    const versions = new Set<string>();
    for (const outcome of outcomes.values()) {
      if (outcome.kind !== "completed")
        throw new Error(`A call was lost: ${JSON.stringify(outcome)}`);
      const { version } = outcome.meta;
      versions.add(version);
      expect(outcome.structured).toEqual(kind.answer(version) ?? outcome.structured);
    }
    expect([...versions].toSorted()).toEqual(["1.0.0", "1.1.0"]);
    const reached = kind.answer("") ? readFileSync(notes, "utf8").trim().split("\n") : undefined;
    expect(reached?.length ?? asked).toBe(asked);
    expect(new Set(reached).size).toBe(reached ? asked : 0);
    await manager.close();
    const records = ["call.completed", "plugin.started", "plugin.stopped"];
    expect(records.map((action) => recorded.get(action))).toEqual([
      asked,
      reloads + 1,
      reloads + 1,
    ]);
    expect([livingWith(home), await left(), await readdir(temporary)]).toEqual([0, 0, []]);
    console.info(
      `${name} ${way}: ${asked} calls, ${reloads} reloads, p99 quiet ${p99(quiet)} ms, during reloads ${p99(busy)} ms`,
    );
  } finally {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
    await rm(home, { recursive: true, force: true });
  }
});

/** Processes, zombies apart, with `text` among their arguments. */
function livingWith(text: string): number {
  return readdirSync("/proc").filter((id) => {
    try {
      const isZombie = /^State:\s+Z/mu.test(readFileSync(`/proc/${id}/status`, "utf8"));
      return !isZombie && readFileSync(`/proc/${id}/cmdline`, "utf8").includes(text);
    } catch {
      return false;
    }
  }).length;
}

const p99 = (tookMs: readonly number[]): string =>
  (tookMs.toSorted((left, right) => left - right)[Math.floor(tookMs.length * 0.99)] ?? 0).toFixed(
    1,
  );
