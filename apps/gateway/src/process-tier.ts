import { createMcpHost } from "@sigilrt/mcp-host";
import type { PluginHost } from "@sigilrt/lifecycle";
import { createProcessHost, type HostCallbacks } from "@sigilrt/process-host";
import {
  createSandbox,
  type EgressDecision,
  type Sandbox,
  SandboxError,
  type Violation,
} from "@sigilrt/sandbox";
import type { PluginLogs } from "./admin/plugin-logs.ts";
import type { Served } from "./egress-recorder.ts";
import type { Redaction } from "./secrets/redaction.ts";
import type { PluginSpace, RunAs } from "./plugin-space.ts";
import { createSandboxRunners } from "./sandbox-runners.ts";

/** The hosts of contained programs, or why there are none. They are never run unconfined instead. */
export type ProcessTier =
  | {
      readonly usable: true;
      readonly hosts: Readonly<Record<string, PluginHost>>;
      readonly sandbox: Sandbox;
    }
  | { readonly usable: false; readonly reason: string; readonly remedy: string };

/** What the process tier is made of. */
export interface ProcessTierOptions {
  readonly space: PluginSpace;
  readonly reserved: readonly string[];
  readonly runAs: RunAs | undefined;
  /** Keeps what plugins write to their error streams. */
  readonly logs: Pick<PluginLogs, "tap">;
  /** Takes the secrets of plugins out of what they write. */
  readonly redaction: Pick<Redaction, "stream">;
  /** What plugins may ask of the gateway; without it they are told that there is nothing. */
  readonly callbacks?: HostCallbacks;
  readonly onViolation: (violation: Violation) => Promise<void>;
  /** Told of each connection before a byte flows, and whom its program serves; one that it rejects is not made. */
  readonly onEgress: (decision: EgressDecision, served: Served | undefined) => Promise<void>;
}

/** Opens the process tier where this machine can contain programs. */
export async function openProcessTier(options: ProcessTierOptions): Promise<ProcessTier> {
  const { space, reserved, runAs, logs, redaction, callbacks, onViolation, onEgress } = options;
  const served = new Map<string, Served>();
  try {
    const sandbox = await createSandbox({
      runtimeDirectory: space.run,
      onViolation,
      onEgress: (decision) => onEgress(decision, served.get(decision.policy)),
      ...(runAs ? { runAs } : {}),
    });
    const uid = runAs?.uid;
    const { grpc, mcp } = createSandboxRunners(sandbox, {
      space,
      reserved,
      uid,
      served,
      logs,
      redaction,
    });
    // The socket lies in a folder that only the plugin's user and the gateway can enter.
    const process = createProcessHost({
      runner: grpc,
      security: { mtls: "off" },
      ...(callbacks ? { callbacks } : {}),
    });
    return {
      usable: true,
      sandbox,
      hosts: { grpc: process, "mcp-stdio": createMcpHost({ runner: mcp }) },
    };
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    const remedy = error.remedy ?? "see the package @sigilrt/sandbox for what it needs";
    return { usable: false, reason: error.message, remedy };
  }
}

/** Makes no connection: where a plugin is only looked at, nobody has agreed to one. */
export const noConnections: ProcessTierOptions["onEgress"] = () =>
  Promise.reject(new Error("Cannot connect: a plugin is looked at without a network"));
