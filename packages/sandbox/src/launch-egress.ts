import { chown, mkdtemp } from "node:fs/promises";
import { type EgressDecision } from "./egress-decision.ts";
import { type Resolver } from "./egress-dial.ts";
import { openEgress } from "./egress-proxy.ts";
import { type Identity } from "./identity.ts";
import { type Observations } from "./observation.ts";
import { type Policy } from "./policy.ts";
import { planRelay, type RelayPlan } from "./relay-plan.ts";
import { type UpstreamProxy } from "./upstream.ts";
import { removeTree } from "./remove-tree.ts";
import { SandboxError } from "./sandbox-error.ts";
import { type ViolationQueue } from "./violation.ts";

/** What the launches of one sandbox have in common about the network. */
export interface LaunchEgressContext {
  readonly identity: Identity;
  readonly runtimeDirectory: string;
  /** Why there is no relay on this machine; absent where the probe ran one. */
  readonly relayFault: string | undefined;
  readonly resolve: Resolver | undefined;
  readonly upstream: UpstreamProxy | undefined;
  readonly onEgress: ((decision: EgressDecision) => Promise<void>) | undefined;
}

/** The way out of one launch. */
export interface LaunchEgress {
  /** Host folder of the proxy's socket. */
  readonly directory: string;
  readonly relay: RelayPlan;
  /** Whether the relay outlived the plugin; asked when no process of the sandbox is left. */
  relayIsDone(): Promise<boolean>;
  /** Ends every connection and removes the folder. */
  close(): Promise<void>;
}

/** Opens the way out that a policy grants; `undefined` where it grants none. @throws {SandboxError} POLICY_REFUSED, RELAY_UNAVAILABLE */
export async function openLaunchEgress(
  policy: Policy,
  violations: ViolationQueue,
  observations: Observations | undefined,
  { identity, runtimeDirectory, relayFault, resolve, upstream, onEgress }: LaunchEgressContext,
): Promise<LaunchEgress | undefined> {
  // Who observes wants to hear which destinations a program without any asks for.
  if (policy.egress.length === 0 && observations === undefined) return undefined;
  if (onEgress === undefined) {
    throw new SandboxError(
      "POLICY_REFUSED",
      "Cannot launch a policy with network destinations: nobody would be told of its connections",
      { remedy: "Give createSandbox the option onEgress, or grant no net.connect capability" },
    );
  }
  if (relayFault !== undefined) {
    throw new SandboxError(
      "RELAY_UNAVAILABLE",
      `Cannot launch a policy with network destinations: ${relayFault}`,
      { remedy: "Run sigil doctor, or grant no net.connect capability", failed: ["relay"] },
    );
  }
  const relay = planRelay(policy.limits, identity, runtimeDirectory);
  const directory = await makeFolder(runtimeDirectory, identity);
  const subject = { plugin: policy.plugin, policy: policy.digest };
  const remove = (): Promise<void> => removeTree(directory);
  try {
    const proxy = await openEgress({
      rules: policy.egress,
      directory,
      ...(identity.changes ? { owner: identity } : {}),
      resolve,
      upstream,
      async decide(decision) {
        observations?.refused(decision);
        await onEgress(Object.freeze({ ...subject, ...decision }));
      },
      report: (kind, detail) => violations.report(kind, detail),
      expectsRelay: true,
    });
    return {
      directory,
      relay,
      relayIsDone: () => proxy.relay.isDone(),
      async close() {
        await proxy.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function makeFolder(runtimeDirectory: string, identity: Identity): Promise<string> {
  const folder = await mkdtemp(`${runtimeDirectory}/e-`);
  if (identity.changes) await chown(folder, identity.uid, identity.gid);
  return folder;
}
