import { chmod, copyFile, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PluginHost, RunningPlugin } from "@sigilrt/lifecycle";
import { createMcpHost, type McpRunner } from "@sigilrt/mcp-host";
import { compilePolicy, createSandbox, type Sandbox } from "@sigilrt/sandbox";

/** A folder with an echo plugin, and a host that runs it in a sandbox. */
export interface ContainedEcho {
  readonly home: string;
  readonly host: PluginHost;
  /** What the host started last: the same running plugin, without a manager around it. */
  running(): RunningPlugin;
  close(): Promise<void>;
}

const own = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;
const manifest = `name: echo
version: 1.0.0
type: tool
adapter: mcp-stdio
execution: { tier: process }
entry: { command: [node, server.mjs] }
lifecycle: { scope: shared, max_instances: 1 }
resources: { concurrency: 64 }
`;

/** Lays the plugin out and opens the sandbox; nothing runs yet. */
export async function openContainedEcho(): Promise<ContainedEcho> {
  const home = await mkdtemp(join(await realpath(tmpdir()), "bench-"));
  await chmod(home, 0o711);
  const folder = join(home, "plugins/echo");
  await mkdir(folder, { recursive: true });
  await mkdir(join(home, "run"), { mode: 0o711 });
  await writeFile(join(folder, "plugin.yaml"), manifest);
  const server = new URL("fixtures/echo-mcp-server.mjs", import.meta.url);
  await copyFile(server, join(folder, "server.mjs"));
  const sandbox = await createSandbox({
    runtimeDirectory: join(home, "run"),
    ...(own === undefined ? {} : { runAs: own }),
    onViolation: () => Promise.resolve(),
  });
  const inner = createMcpHost({ runner: contained(sandbox) });
  let last: RunningPlugin | undefined;
  const host: PluginHost = {
    adapters: inner.adapters,
    async start(...start) {
      last = await inner.start(...start);
      return last;
    },
    close: () => inner.close(),
    [Symbol.asyncDispose]: () => inner.close(),
  };
  return {
    home,
    host,
    running() {
      if (!last) throw new Error("Cannot measure: nothing runs");
      return last;
    },
    async close() {
      await sandbox.close();
      await rm(home, { recursive: true });
    },
  };
}

function contained(sandbox: Sandbox): McpRunner {
  return {
    async spawn({ command, root, environment: env, limits }, signal) {
      const { memoryBytes, pids, cpu: cpuCores } = limits;
      const rest = { openFiles: 256, fileBytes: 16_777_216, tmpBytes: 16_777_216 };
      const policy = compilePolicy({
        plugin: "echo",
        command,
        code: root,
        grants: [],
        platform: "linux",
        limits: { memoryBytes, pids, cpuCores, ...rest },
      });
      const program = await sandbox.launch(policy, { env, signal });
      const { stdin, stdout, stderr } = program;
      return {
        stdin,
        stdout,
        stderr,
        exited: program.exited.then(({ code }) => (code === null ? {} : { code })),
        kill: (by) => (by === "SIGTERM" ? program.terminate() : program.close()),
      };
    },
  };
}
