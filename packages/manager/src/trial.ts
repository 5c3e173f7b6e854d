import { type Health, LifecycleError, type RunningPlugin } from "@sigilrt/lifecycle";
import type { InstanceOwner } from "./instance-key.ts";
import type { NoLease } from "./no-lease.ts";
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
      const { status, message } = await askHealth(plugin, lease.started.running, settings, signal);
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

async function askHealth(
  plugin: AdmittedPlugin,
  running: RunningPlugin,
  { clock }: Settings,
  signal: AbortSignal,
): Promise<Health> {
  const late = new AbortController();
  const over = new AbortController();
  const { startMs } = plugin.manifest.resources.timeouts;
  clock.sleep(startMs, over.signal).then(
    () => late.abort(),
    () => undefined,
  );
  try {
    return await running.health({ signal: AbortSignal.any([signal, late.signal]) });
  } catch (error) {
    signal.throwIfAborted();
    const isLate = late.signal.aborted;
    const detail = error instanceof LifecycleError ? error.message : "unknown failure";
    const message = isLate ? `no answer about its health in ${startMs} ms` : detail;
    return { status: "unhealthy", message };
  } finally {
    over.abort();
  }
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
