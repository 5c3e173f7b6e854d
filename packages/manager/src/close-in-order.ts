import { startOrder } from "./dependencies.ts";
import type { InstanceSlot } from "./instance-slot.ts";

/** Closes instances: their calls end at once side by side, then each stops after those that depend on it. */
export async function closeInOrder(
  slots: readonly InstanceSlot[],
  calls: "running" | "drained",
): Promise<void> {
  const byName = Map.groupBy(slots, ({ plugin }) => plugin.manifest.name);
  const plugins = new Map([...byName].map(([name, [slot]]) => [name, slot?.plugin] as const));
  const present = new Map(
    [...plugins].flatMap(([name, plugin]) => (plugin ? [[name, plugin]] : [])),
  );
  const closes = new Map<InstanceSlot, Promise<void>>();
  for (const name of startOrder(present).toReversed()) {
    const dependents = [...closes].filter(([{ plugin }]) =>
      Object.hasOwn(plugin.manifest.dependencies, name),
    );
    const others = Promise.allSettled(dependents.map(([, close]) => close));
    for (const slot of byName.get(name) ?? []) {
      const { gracefulShutdownTimeoutMs } = slot.plugin.manifest.lifecycle;
      const graceMs = calls === "running" ? gracefulShutdownTimeoutMs : 0;
      closes.set(slot, slot.close(graceMs, dependents.length > 0 ? others : undefined));
    }
  }
  await Promise.all(closes.values());
}
