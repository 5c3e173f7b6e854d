import type { OfferView, VisiblePrompt, VisibleResource } from "@sigilrt/manager";
import type { ToolNames } from "./tool-names.ts";

/** Gives every prompt its names, as tools have them: `plugin.prompt`, and the aliases that name it. */
export function namePrompts(
  prompts: OfferView["prompts"],
  { separator = ".", aliases = {}, onlyAliases = false }: ToolNames,
): ReadonlyMap<string, VisiblePrompt> {
  const named = new Map<string, VisiblePrompt>();
  const targets = new Map<string, VisiblePrompt>();
  for (const prompt of prompts) {
    targets.set(`${prompt.plugin}.${prompt.name}`, prompt);
    if (!onlyAliases) named.set(`${prompt.plugin}${separator}${prompt.name}`, prompt);
  }
  for (const [alias, target] of Object.entries(aliases)) {
    const prompt = targets.get(target);
    if (prompt && !named.has(alias)) named.set(alias, prompt);
  }
  return named;
}

/** Resources by their URI. What two plugins claim is neither's: the one could pass its text off as the other's. */
export function resourcesByUri(
  resources: readonly VisibleResource[],
): ReadonlyMap<string, VisibleResource> {
  const byUri = new Map<string, VisibleResource>();
  const disputed = new Set<string>();
  for (const resource of resources) {
    const known = byUri.get(resource.uri);
    if (known && known.plugin !== resource.plugin) disputed.add(resource.uri);
    else byUri.set(resource.uri, resource);
  }
  for (const uri of disputed) byUri.delete(uri);
  return byUri;
}

/**
 * The plugin whose template a URI may be made from; `undefined` when there is none, or when two plugins could mean it. What a template
 * means is the plugin's own matter: here its fixed beginning and end are looked at, the longest beginning first.
 */
export function pluginOfTemplate(
  templates: Iterable<VisibleResource>,
  uri: string,
): string | undefined {
  let longest = 0;
  let found = new Set<string>();
  for (const { plugin, uri: template } of templates) {
    const opens = template.indexOf("{");
    const begins = opens < 0 ? template : template.slice(0, opens);
    const ends = opens < 0 ? "" : template.slice(template.lastIndexOf("}") + 1);
    const isMade =
      begins.length > 0 &&
      uri.length > begins.length + ends.length &&
      uri.startsWith(begins) &&
      uri.endsWith(ends);
    if (!isMade || begins.length < longest) continue;
    if (begins.length > longest) found = new Set();
    longest = begins.length;
    found.add(plugin);
  }
  const [plugin, ...others] = found;
  return others.length === 0 ? plugin : undefined;
}
