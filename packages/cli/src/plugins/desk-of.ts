import type { Composition, PluginDesk } from "../composition.ts";

/** The plugins that the commands act on. @throws Error where the composition has none */
export function deskOf({ plugins }: Composition): PluginDesk {
  if (plugins) return plugins;
  throw new Error("Cannot reach plugins: this command belongs to no gateway that has any");
}

/** The configuration that is meant. */
export const configOf = (
  given: string | undefined,
  { defaultConfiguration }: Composition,
): string => given ?? defaultConfiguration;
