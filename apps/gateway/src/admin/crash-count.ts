import type { PluginManager } from "@sigilrt/manager";

/** Counts the crashes of each plugin from now on; ends with the manager. */
export function countCrashes(manager: PluginManager): (plugin: string) => number {
  const crashes = new Map<string, number>();
  const count = async (): Promise<void> => {
    for await (const { type, plugin } of manager.events()) {
      if (type !== "plugin.crashed" || plugin === undefined) continue;
      crashes.set(plugin, (crashes.get(plugin) ?? 0) + 1);
    }
  };
  void count();
  return (plugin) => crashes.get(plugin) ?? 0;
}
