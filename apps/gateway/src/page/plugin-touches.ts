import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { rightInWords, touchLines } from "@sigilrt/cli";
import { digestTree } from "@sigilrt/integrity";
import { parseManifest } from "@sigilrt/manifest";
import { readConfiguration } from "../configuration.ts";

/** What a plugin may touch, as a person reads it. */
export interface PluginTouches {
  /** A line for each kind of thing, with its limits, by the manifest among the bytes that run. */
  readonly touches: readonly string[];
  /** What it was granted. */
  readonly granted: readonly string[];
}

/** Which plugin is meant, and what runs of it. */
export interface TouchedPlugin {
  readonly name: string;
  readonly digest?: string;
  readonly allow: readonly string[];
}

/** Says what plugins may touch. A manifest is read once for its digest, which names the same bytes for good. */
export function createPluginTouches(
  config: string,
): (plugin: TouchedPlugin) => Promise<PluginTouches> {
  const known = new Map<string, readonly string[]>();
  const linesOf = async (name: string, digest: string): Promise<readonly string[]> => {
    const before = known.get(digest);
    if (before) return before;
    const folder = (await readConfiguration(config)).plugins.get(name)?.path;
    if (folder === undefined) return ["its configuration does not list it any more"];
    const tree = await digestTree(folder);
    if (!tree.ok || tree.digest !== digest)
      return ["its folder holds other bytes than those that run"];
    const lines = touchLines(parseManifest(await readFile(join(folder, "plugin.yaml"))));
    if (known.size >= 256) known.clear();
    known.set(digest, lines);
    return lines;
  };
  return async ({ name, digest, allow }) => ({
    touches: digest === undefined ? [] : await linesOf(name, digest),
    granted: allow.map((pattern) => `may ${rightInWords(pattern)}`),
  });
}
