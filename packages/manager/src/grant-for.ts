import { parsePattern, type Pattern } from "@sigilrt/capability";
import type { Grant } from "@sigilrt/enforcer";
import type { Surface } from "@sigilrt/integrity";
import { type Manifest, requestedCapabilities } from "@sigilrt/manifest";
import type { ConsentRecord } from "./consent.ts";

/** What a grant is made of. */
export interface GrantSources {
  /** What the plugin asks for. */
  readonly manifest: Manifest;
  /** What a person agreed to; admission held it against the manifest. */
  readonly consent: ConsentRecord;
}

/** The grant that admission gives a plugin: what it asked for and was agreed to, and the right to be called, minus its denials. */
export function grantFor({ manifest, consent }: GrantSources): Grant {
  const { name, type, denyCapabilities: deny } = manifest;
  const requested = requestedCapabilities(manifest).map(({ pattern }) => pattern);
  if (type === "channel" || type === "provider") {
    return { allow: [...requested, parsePattern(`${type}.${name}.*`)], deny };
  }
  const tools = approvedTools({ manifest, consent })?.flatMap(
    (tool) => toolCapability(name, tool) ?? [],
  );
  return { allow: [...requested, ...(tools ?? [parsePattern(`tool.${name}.*`)])], deny };
}

/** The names of the tools that are approved, when that was said by the manifest or by a person. */
export function approvedTools({ manifest, consent }: GrantSources): readonly string[] | undefined {
  const pinned: Surface | undefined = consent.surface;
  const names = pinned?.tools.map(({ name }) => name) ?? manifest.tools?.map(({ name }) => name);
  return names?.filter((name) => toolCapability(manifest.name, name) !== undefined);
}

/** The capability of calling a tool; `undefined` for a name that no capability can hold. */
export function toolCapability(plugin: string, tool: string): Pattern | undefined {
  try {
    return parsePattern(`tool.${plugin}.${tool}`);
  } catch {
    return undefined;
  }
}
