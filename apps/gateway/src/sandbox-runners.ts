import { pipeline, type Readable, type Transform } from "node:stream";
import type { InstanceGrants, InstanceIdentity, InstanceLimits, Refusal } from "@sigilrt/lifecycle";
import type { McpRunner } from "@sigilrt/mcp-host";
import type { Runner } from "@sigilrt/process-host";
import {
  compilePolicy,
  type Observation,
  type PolicyRequest,
  type Sandbox,
  type SandboxedProcess,
} from "@sigilrt/sandbox";
import type { Served } from "./egress-recorder.ts";
import { refusalOf } from "./observed-refusal.ts";
import type { PluginLogs } from "./admin/plugin-logs.ts";
import type { Redaction } from "./secrets/redaction.ts";
import type { PluginSpace } from "./plugin-space.ts";

/** Starts the programs of both hosts in one sandbox, each held to what its plugin was granted. */
export interface SandboxRunners {
  /** For go-plugin programs. */
  readonly grpc: Runner;
  /** For MCP servers. */
  readonly mcp: McpRunner;
}

/** What a sandbox needs to know of the composition. */
export interface SandboxRunnersOptions {
  readonly space: PluginSpace;
  /** Folders of the gateway that no grant may show. */
  readonly reserved: readonly string[];
  /** Whom sockets belong to, when that is not the gateway's own user. */
  readonly uid: number | undefined;
  /** Whom the programs of a policy serve, by its digest; filled as they are launched. */
  readonly served: Map<string, Served>;
  /** Keeps what MCP servers write to their error streams; of go-plugin programs their host tells. */
  readonly logs: Pick<PluginLogs, "tap">;
  /** Takes the secrets of a plugin out of its error stream, before anything else reads it. */
  readonly redaction: Pick<Redaction, "stream">;
}

/** Where a contained plugin makes its sockets. */
const socketFolder = "/run/plugin";

const fixedLimits = { openFiles: 1_024, fileBytes: 67_108_864, tmpBytes: 67_108_864 };

/** Makes the runners of the process tier from a sandbox. */
export function createSandboxRunners(
  sandbox: Sandbox,
  { space, reserved, uid, served, logs, redaction }: SandboxRunnersOptions,
): SandboxRunners {
  const requestOf = async (launch: Launch): Promise<PolicyRequest> => {
    const { identity, command, root, grants, limits } = launch;
    const { plugin, workspace, user } = identity;
    const scope = [workspace, user].filter((part) => part !== undefined);
    const { memoryBytes, pids, cpu: cpuCores } = limits;
    return {
      plugin,
      command,
      code: root,
      data: await space.dataFolder(plugin, scope),
      grants: grants.allow,
      denials: grants.deny,
      readDeny: grants.readDeny,
      reserved,
      limits: { memoryBytes, pids, cpuCores, ...fixedLimits },
      platform: process.platform === "darwin" ? "darwin" : "linux",
    };
  };
  const start = async (
    launch: Launch,
    env: Readonly<Record<string, string>>,
    signal: AbortSignal,
    link: boolean,
  ): Promise<SandboxedProcess> => {
    const request = await requestOf(launch);
    const policy = compilePolicy(request);
    const { workspace, user } = launch.identity;
    // Each scope has a data folder of its own, so no two have one digest.
    if (policy.egress.length > 0) served.set(policy.digest, { workspace, user });
    const { onRefusal } = launch;
    const observe = onRefusal && {
      observe: (observation: Observation) =>
        onRefusal(refusalOf(observation, (pattern) => grantFault(request, pattern))),
    };
    return sandbox.launch(policy, {
      env,
      signal,
      ...(link ? { link } : {}),
      ...observe,
    });
  };
  return {
    mcp: {
      async spawn(request, signal) {
        const program = await start(request, request.environment, signal, false);
        const { stdin, stdout } = program;
        const { plugin } = request.identity;
        const hidden = tapped(program.stderr, redaction.stream(plugin));
        const stderr = tapped(hidden, logs.tap(plugin));
        return { stdin, stdout, stderr, exited: endOf(program), kill: killer(program) };
      },
    },
    grpc: {
      link: true,
      async spawn(request, signal) {
        const { identity, command, root, grants, limits, environment, onRefusal, link } = request;
        if (!identity || !command || root === undefined || !grants || !limits) {
          throw new TypeError("Cannot contain a program that is no plugin: it has no grants");
        }
        // The sandbox has a temporary folder of its own.
        const { TMPDIR: _host, ...env } = environment;
        const launch = { identity, command, root, grants, limits };
        const program = await start(
          onRefusal ? { ...launch, onRefusal } : launch,
          env,
          signal,
          link,
        );
        const { pid, stdout } = program;
        const stderr = tapped(program.stderr, redaction.stream(identity.plugin));
        return {
          pid,
          ...(uid === undefined ? {} : { uid }),
          stdout,
          stderr,
          ...(program.link === undefined ? {} : { link: program.link }),
          exited: endOf(program),
          kill: killer(program),
          diagnose: async () => "",
          connect: (address, within) =>
            program.connect(socketName(address.address), { signal: within }),
          release: () => program.close(),
        };
      },
      toHost: (address) => address,
      toPlugin: ({ network }) => ({ network, address: socketFolder }),
    },
  };
}

interface Launch {
  readonly identity: InstanceIdentity;
  readonly command: readonly [string, ...string[]];
  readonly root: string;
  readonly grants: InstanceGrants;
  readonly limits: InstanceLimits;
  readonly onRefusal?: (refusal: Refusal) => void;
}

/** Why the sandbox would not take a grant, in its words; `undefined` when it would. */
function grantFault(request: PolicyRequest, pattern: string): string | undefined {
  try {
    compilePolicy({ ...request, grants: [pattern] });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : "the sandbox refuses it";
  }
}

/** Passes a stream on through a tap; either ends with the other. */
function tapped(stream: Readable, tap: Transform): Transform {
  pipeline(stream, tap, () => undefined);
  return tap;
}

function socketName(address: string): string {
  const [, name] = /^\/run\/plugin\/([^/]+)$/u.exec(address) ?? [];
  if (name !== undefined) return name;
  throw new Error(`Cannot connect to the plugin: its socket does not lie in ${socketFolder}`);
}

const killer =
  (program: SandboxedProcess) =>
  (signal: "SIGTERM" | "SIGKILL"): Promise<void> =>
    signal === "SIGTERM" ? program.terminate() : program.close();

const endOf = ({
  exited,
}: SandboxedProcess): Promise<{ readonly code?: number; readonly signal?: string }> =>
  exited.then(({ code, signal }) => ({
    ...(code === null ? {} : { code }),
    ...(signal === null ? {} : { signal }),
  }));
