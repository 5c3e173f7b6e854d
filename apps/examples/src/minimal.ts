import { join } from "node:path";
import type { EmbeddedAuditStore } from "@sigilrt/audit";
import { Enforcer } from "@sigilrt/enforcer";
import { openPluginStore, treeDigestVerifier } from "@sigilrt/integrity";
import { type ConsentStore, PluginManager } from "@sigilrt/manager";
import { createMcpHost, type McpRunner } from "@sigilrt/mcp-host";
import { compilePolicy, createSandbox, type Sandbox } from "@sigilrt/sandbox";

/** What a small gateway is given. */
export interface MinimalOptions {
  /** Holds `plugins`, `plugins.lock`, and, made here, the store and the sandbox's runtime folder. */
  readonly folder: string;
  readonly consent: ConsentStore;
  readonly audit: EmbeddedAuditStore;
  /** Whom plugins run as, when the gateway runs as root. */
  readonly runAs?: { readonly uid: number; readonly gid: number };
}

/** A gateway that runs unmodified MCP servers from locked folders, contained by the operating system, each call decided and on record. */
export async function openMinimalGateway(options: MinimalOptions): Promise<PluginManager> {
  const { folder, consent, audit, runAs } = options;
  const sandbox = await createSandbox({
    runtimeDirectory: join(folder, "run"),
    onViolation: async ({ kind, plugin }) => console.error(`${plugin}: ${kind}`),
    ...(runAs ? { runAs } : {}),
  });
  return new PluginManager({
    directories: [join(folder, "plugins")],
    hosts: { "mcp-stdio": createMcpHost({ runner: sandboxRunner(sandbox) }) },
    store: await openPluginStore(join(folder, "store")),
    lockPath: join(folder, "plugins.lock"),
    verifier: treeDigestVerifier(),
    consent,
    enforcer: new Enforcer(audit, Date),
    audit,
    engine: "0.1.0",
  });
}

const rest = { openFiles: 256, fileBytes: 16_777_216, tmpBytes: 16_777_216 };

/** The one grant drives the sandbox too: what was consented to is what the operating system shows. */
function sandboxRunner(sandbox: Sandbox): McpRunner {
  return {
    async spawn({ id: plugin, command, root: code, environment: env, grants, limits }, signal) {
      const { allow, deny: denials, readDeny } = grants;
      const { memoryBytes, pids, cpu: cpuCores } = limits;
      const limited = { memoryBytes, pids, cpuCores, ...rest };
      const granted = { grants: allow, denials, readDeny };
      const request = { plugin, command, code, limits: limited, platform: "linux" } as const;
      const policy = compilePolicy({ ...request, ...granted });
      const { stdin, stdout, stderr, exited, ...program } = await sandbox.launch(policy, {
        env,
        signal,
      });
      const kill = (name: "SIGTERM" | "SIGKILL"): Promise<void> =>
        name === "SIGTERM" ? program.terminate() : program.close();
      return {
        stdin,
        stdout,
        stderr,
        exited: exited.then(({ code: end }) => (end === null ? {} : { code: end })),
        kill,
      };
    },
  };
}
