import { askHealth } from "./ask-health.ts";
import type { InstanceOwner } from "./instance-key.ts";
import type { NoLease } from "./lease.ts";
import type { Instances } from "./instances.ts";
import type { Settings } from "./options.ts";
import type { ReloadRefusal } from "./reload-outcome.ts";
import type { AdmittedPlugin } from "./verify.ts";

/** For whom a plugin runs when nobody asked yet. */
export const runtime: InstanceOwner = { workspace: "system", user: "system:manager" };

/**
 * The third gate: starts a plugin for everybody who uses it now, compares its tools with the approved ones, and asks for its health.
 * Answers why it may not be published; then what was started has to be closed. Rejects with the signal's reason alone.
 */
export async function tryPlugin(
  plugin: AdmittedPlugin,
  owners: readonly InstanceOwner[],
  settings: Settings,
  instances: Instances,
  signal: AbortSignal,
): Promise<ReloadRefusal | undefined> {
  // Whoever asks for a reload has changed something: failures of before do not count against it.
  instances.clearQuarantine(plugin);
  instances.forgetRefusal(plugin);
  for (const owner of owners.length > 0 ? owners : [runtime]) {
    // oxlint-disable-next-line no-await-in-loop -- gently, while the one before serves
    const lease = await instances.acquire(plugin, owner, signal);
    if ("reason" in lease) return refusalOf(plugin, lease);
    try {
      // oxlint-disable-next-line no-await-in-loop -- as above
      const { status, message } = await askHealth(
        lease.started.running,
        plugin.manifest.resources.timeouts.startMs,
        settings.clock,
        signal,
      );
      if (status === "unhealthy")
        return failure(plugin, `it says that it is unhealthy: ${message}`);
    } finally {
      lease.release();
    }
  }
  const isWanted = owners.length > 0 || plugin.manifest.lifecycle.scope === "shared";
  if (!isWanted) await instances.closeWhere((other) => other === plugin, "drained");
  return undefined;
}

function refusalOf(plugin: AdmittedPlugin, lease: NoLease): ReloadRefusal {
  switch (lease.reason) {
    case "refused": {
      const { code, message, rejection } = lease.error;
      return rejection === undefined ? { code, message } : { code, message, rejection };
    }
    case "overloaded":
      return failure(
        plugin,
        "there is no room for one more instance; stop a plugin, raise limits.maxInstances, or set hot_reload: false",
      );
    case "quarantined":
      return { ...failure(plugin, "it crashed too often"), code: "QUARANTINED" };
    case "crashed":
    case "starting":
    case "reloading":
      return failure(plugin, "it was stopped while it started");
    default:
      return lease satisfies never;
  }
}

const failure = (
  { manifest: { name, version } }: AdmittedPlugin,
  state: string,
): ReloadRefusal => ({
  code: "START_FAILED",
  message: `Cannot replace "${name}" by version ${version}: ${state}`,
});
