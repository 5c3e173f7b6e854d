import type { Waiting } from "@sigilrt/lifecycle";
import type { Instances } from "./instances.ts";
import { ManagerError } from "./manager-error.ts";
import type { Principal } from "./call.ts";
import type { Standing } from "./standing.ts";
import { runtime } from "./trial.ts";
import type { AdmittedPlugin } from "./verify.ts";

/** How a plugin is started by hand. */
export interface StartOptions extends Waiting {
  /** For whom, when the plugin is not shared; the runtime itself when absent. */
  readonly principal?: Pick<Principal, "workspace" | "user">;
  /** Lets a plugin start that crashed too often. */
  readonly clearQuarantine?: true;
}

/** Starts an instance for who needs one before the first call. @throws {@link ManagerError} why it did not start */
export async function startPlugin(
  find: () => AdmittedPlugin,
  options: StartOptions,
  { holds }: Standing,
  instances: Instances,
  signal: AbortSignal,
): Promise<void> {
  const { name } = find().manifest;
  for (let hold = holds.get(name); hold; hold = holds.get(name)) {
    // oxlint-disable-next-line no-await-in-loop -- an exclusive reload never lets two versions run
    if (!(await hold.enter(signal))) throw notStarted(name, "reloading");
  }
  const plugin = find();
  if (options.clearQuarantine) instances.clearQuarantine(plugin);
  instances.forgetRefusal(plugin);
  const lease = await instances.acquire(plugin, options.principal ?? runtime, signal);
  if ("reason" in lease) {
    throw lease.reason === "refused" ? lease.error : notStarted(name, lease.reason);
  }
  lease.release();
}

function notStarted(plugin: string, reason: string): ManagerError {
  const code = reason === "quarantined" ? "QUARANTINED" : "START_FAILED";
  return new ManagerError(code, `Cannot start "${plugin}": ${reason}`, { plugin });
}
