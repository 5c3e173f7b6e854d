import { discoverPlugins, type Discovery } from "./discover.ts";
import { retire } from "./replace-plugin.ts";
import type { Standing, Workshop } from "./standing.ts";
import { tellOfDiscovery } from "./tell-of-discovery.ts";

/** Publishes what lies in the folders, remembers what it replaced, and stops that after its calls. */
export async function lookAtFolders(
  standing: Standing,
  workshop: Workshop,
  signal: AbortSignal | undefined,
): Promise<Discovery> {
  const { settings, generation: before, previous, events } = standing;
  const discovery = await discoverPlugins(settings, workshop.store, before, {
    publish: (next) => {
      standing.generation = next;
      settings.telemetry.generation.record(next.number);
      for (const [name, plugin] of before.plugins) {
        const now = next.plugins.get(name);
        if (!now) previous.delete(name);
        else if (now.tree.digest !== plugin.tree.digest) previous.set(name, plugin);
      }
    },
    signal,
  });
  const { report, generation } = discovery;
  tellOfDiscovery(report, before, events.tell);
  const gone = [...before.plugins].filter(
    ([name, { tree }]) => generation.plugins.get(name)?.tree.digest !== tree.digest,
  );
  await Promise.all(gone.map(([, plugin]) => retire(plugin, standing, workshop)));
  return discovery;
}
