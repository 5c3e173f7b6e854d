import type { DrainReport } from "./calls-in-flight.ts";
import { describeLoop, loopOf } from "./dependencies.ts";
import { unchanged } from "./discover.ts";
import { type Generation, register } from "./generation.ts";
import type { InstanceOwner } from "./instance-key.ts";
import { ManagerError } from "./manager-error.ts";
import { recordAdmissions } from "./record-admissions.ts";
import type { PreviousPlugin, ReloadOutcome, ReloadRefusal } from "./reload-outcome.ts";
import type { Standing, Workshop } from "./standing.ts";
import { tryPlugin } from "./trial.ts";
import { createTurnstile } from "./turnstile.ts";
import type { AdmittedPlugin, RefusedPlugin, Verdict } from "./verify.ts";

/** What a replacement came to. `retired` still has its calls: it is to be retired, outside of whatever other changes wait for. */
export interface Replacement {
  readonly outcome: ReloadOutcome;
  readonly retired?: AdmittedPlugin;
}

/** Stops a plugin that is published no more: waits for its calls, cancels those that outlive its grace, closes its instances. */
export async function retire(
  plugin: AdmittedPlugin,
  standing: Standing,
  { instances }: Workshop,
): Promise<DrainReport> {
  const { name, lifecycle } = plugin.manifest;
  const report = await standing.calls.drain(plugin, lifecycle.gracefulShutdownTimeoutMs);
  const { digest } = plugin.tree;
  await instances.closeWhere(
    ({ manifest, tree }) =>
      manifest.name === name &&
      tree.digest === digest &&
      // The same bytes may have been published again meanwhile, and then run for others.
      isOver(plugin, standing),
    "drained",
  );
  return report;
}

function isOver(plugin: AdmittedPlugin, { generation }: Standing): boolean {
  const current = generation.plugins.get(plugin.manifest.name);
  return current === plugin || current?.tree.digest !== plugin.tree.digest;
}

/**
 * Replaces one plugin of the generation by what `judge` admits. A refusal leaves the one before.
 *
 * @throws {@link ManagerError} `PLUGIN_NOT_FOUND`; what a store of records threw, and then nothing was published
 */
export async function replacePlugin(
  name: string,
  judge: () => Promise<Verdict>,
  standing: Standing,
  workshop: Workshop,
  signal: AbortSignal,
): Promise<Replacement> {
  signal.throwIfAborted();
  const before = standing.generation;
  const old = before.plugins.get(name);
  if (!old) {
    const message = `Cannot replace "${name.slice(0, 64)}": it is not admitted`;
    throw new ManagerError("PLUGIN_NOT_FOUND", message, { plugin: name });
  }
  const verdict = await judge();
  if (verdict.kind !== "admitted") return refuse(old, refusalOf(verdict), "kept", standing);
  const plugin = unchanged(verdict.plugin, before);
  if (plugin === old) {
    return { outcome: { kind: "unchanged", plugin: name, generation: before.number } };
  }
  const loop = loopOf(new Map(before.plugins).set(name, plugin), name);
  if (loop) {
    const message = `Cannot replace "${name}": ${describeLoop(loop)}`;
    return refuse(old, { code: "DEPENDENCY_CYCLE", message }, "kept", standing);
  }
  const swap: Swap = { old, plugin, standing, workshop, signal };
  if (plugin.tree.digest === old.tree.digest) {
    // The bytes run already; only who agreed to them, or how they are locked, is new.
    await publish(swap);
    return { outcome: replaced(swap, "blue_green", nothingDrained) };
  }
  // Two of them run side by side only where both say that they bear it.
  const isHot = [old, plugin].every(({ manifest }) => manifest.lifecycle.hotReload);
  return isHot ? replaceBeside(swap) : replaceAfter(swap);
}

interface Swap {
  readonly old: AdmittedPlugin;
  readonly plugin: AdmittedPlugin;
  readonly standing: Standing;
  readonly workshop: Workshop;
  readonly signal: AbortSignal;
}

const nothingDrained: DrainReport = { finished: 0, cancelled: 0 };

/** Blue/green: the new one is up before the old one hears of it. */
async function replaceBeside(swap: Swap): Promise<Replacement> {
  const owners = swap.workshop.instances.owners(swap.old);
  const refusal = await startNew(swap, owners);
  if (refusal) return refuse(swap.old, refusal, "kept", swap.standing);
  return { outcome: replaced(swap, "blue_green", nothingDrained), retired: swap.old };
}

/** Exclusive: never do both run. New calls wait in a bounded line until one of them is up. */
async function replaceAfter(swap: Swap): Promise<Replacement> {
  const { old, standing, workshop } = swap;
  const { name } = old.manifest;
  const { queue, queueMs } = standing.settings.limits;
  const hold = createTurnstile(0, queue, queueMs, standing.settings.clock);
  standing.holds.set(name, hold);
  try {
    const owners = workshop.instances.owners(old);
    let drained = nothingDrained;
    let refusal: ReloadRefusal | undefined;
    try {
      drained = await retire(old, standing, workshop);
      refusal = await startNew(swap, owners);
    } catch (error) {
      await restart(swap, owners);
      throw error;
    }
    if (!refusal) return { outcome: replaced(swap, "exclusive", drained) };
    const previous = await restart(swap, owners);
    return await refuse(old, refusal, previous, standing);
  } finally {
    standing.holds.delete(name);
    hold.open();
  }
}

/** Gates 3 and 4. When it is refused or rejects, nothing of the new one runs and the generation is the one before. */
async function startNew(
  swap: Swap,
  owners: readonly InstanceOwner[],
): Promise<ReloadRefusal | undefined> {
  const { plugin, standing, workshop, signal } = swap;
  const { instances } = workshop;
  const stop = (): Promise<void> =>
    instances.closeWhere(
      ({ manifest, tree }) =>
        manifest.name === plugin.manifest.name && tree.digest === plugin.tree.digest,
      "drained",
    );
  try {
    const refusal = await tryPlugin(plugin, owners, standing.settings, instances, signal);
    if (refusal) await stop();
    else await publish(swap);
    return refusal;
  } catch (error) {
    await stop();
    throw error;
  }
}

async function restart(
  { old, standing: { calls, leaving }, workshop: { instances } }: Swap,
  owners: readonly InstanceOwner[],
): Promise<PreviousPlugin> {
  calls.reopen(old);
  // One that did not run starts at its next call, as it would have.
  if (owners.length === 0) return "kept";
  const starts = owners.map(async (owner) => {
    const lease = await instances.acquire(old, owner, leaving);
    if ("started" in lease) lease.release();
    return "started" in lease;
  });
  const ends = await Promise.allSettled(starts);
  const isUp = ends.every((end) => end.status === "fulfilled" && end.value);
  return isUp ? "restarted" : "down";
}

/** The fourth gate. */
async function publish({ old, plugin, standing }: Swap): Promise<void> {
  const { generation: before, settings } = standing;
  const { name } = old.manifest;
  const after: Generation = Object.freeze({
    number: before.number + 1,
    plugins: new Map(before.plugins).set(name, plugin),
    refused: before.refused.filter((refused) => refused.plugin !== name),
    awaiting: before.awaiting.filter((awaiting) => awaiting.plugin !== name),
  });
  await recordAdmissions(settings, before, after, []);
  await register(settings, before, after, () => {
    standing.generation = after;
    settings.telemetry.generation.record(after.number);
    if (plugin.tree.digest !== old.tree.digest) standing.previous.set(name, old);
  });
  const { digest } = plugin.tree;
  standing.events.tell("plugin.admitted", { plugin: name, digest });
  standing.events.tell("generation.published", { generation: after.number });
}

function replaced(
  { old, plugin, standing }: Swap,
  way: "blue_green" | "exclusive",
  drained: DrainReport,
): ReloadOutcome {
  return {
    kind: "replaced",
    plugin: plugin.manifest.name,
    way,
    from: old.tree.digest,
    to: plugin.tree.digest,
    version: plugin.manifest.version,
    generation: standing.generation.number,
    drained,
  };
}

async function refuse(
  old: AdmittedPlugin,
  refusal: ReloadRefusal,
  previous: PreviousPlugin,
  { settings, events }: Standing,
): Promise<Replacement> {
  const { name: plugin } = old.manifest;
  const { code, rejection } = refusal;
  const record = { action: "plugin.refused", actor: "system:manager", plugin } as const;
  const reason = rejection?.kind ?? code;
  await settings.audit.append([{ ...record, result: "failed", reason }]);
  events.tell("reload.refused", { plugin, reason });
  return { outcome: { kind: "refused", plugin, refusal, previous } };
}

function refusalOf(verdict: Exclude<Verdict, { readonly kind: "admitted" }>): ReloadRefusal {
  if (verdict.kind === "refused") {
    const { code, message, rejection }: RefusedPlugin = verdict.refused;
    return rejection === undefined ? { code, message } : { code, message, rejection };
  }
  const { awaiting } = verdict;
  const missing = awaiting.missing.join(", ") || "its bytes";
  const message = `Cannot replace "${awaiting.plugin}": nobody agreed to ${missing}; review and approve it`;
  return { code: "CONSENT_REQUIRED", message, awaiting };
}
