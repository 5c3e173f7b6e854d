import type { Health } from "@sigilrt/lifecycle";
import { heldBack } from "./dependencies.ts";
import type { InstancePool } from "./instance-pool.ts";
import type { InstanceRecord } from "./instance-records.ts";
import type { InstanceSlot } from "./instance-slot.ts";
import type { AdmittedPlugin } from "./verify.ts";

/** Where a plugin stands, and what is wrong with it. */
export interface InstanceState {
  readonly state: string;
  readonly reason: string | undefined;
  /** What the instance that is worst off last said of itself. */
  readonly health?: Health["status"];
}

/** Describes a plugin by its newest instance, or by what keeps it from having one. */
export function describeInstances(
  plugin: AdmittedPlugin,
  pools: readonly InstancePool[],
  record: InstanceRecord | undefined,
  plugins: ReadonlyMap<string, AdmittedPlugin>,
): InstanceState {
  if (record?.quarantined) {
    const last = record.lastFailure === undefined ? "" : `; ${record.lastFailure}`;
    return { state: "error", reason: `quarantined after too many crashes${last}` };
  }
  if (record?.refusal) return { state: "error", reason: record.refusal.message };
  const slots = pools.flatMap(({ slots: usable }) => Array.from(usable));
  const started = slots.findLast((slot) => slot.started)?.started;
  if (started) {
    const health = worstHealth(slots);
    return { state: started.instance.state, ...health, reason: health.reason ?? record?.lastFault };
  }
  if (slots.length > 0) return { state: "loading", reason: record?.lastFailure };
  const leaving = pools.flatMap(({ all }) => all).find((slot) => slot.started)?.started;
  if (leaving && leaving.instance.state !== "error") {
    return { state: leaving.instance.state, reason: "it was asked to leave and has not left yet" };
  }
  const held = heldBack(plugins, plugin.manifest.name);
  return { state: "discovered", reason: held?.state ?? record?.lastFailure };
}

function worstHealth(slots: readonly InstanceSlot[]): Pick<InstanceState, "health" | "reason"> {
  const answers = slots.flatMap(({ health }) => health ?? []);
  for (const status of ["unhealthy", "degraded"] as const) {
    const answer = answers.find((health) => health.status === status);
    if (answer) return { health: status, reason: `it is ${status}: ${answer.message}` };
  }
  return answers.length > 0 ? { health: "healthy", reason: undefined } : { reason: undefined };
}
