import { CapabilitySet, type Pattern, parsePattern } from "@sigilrt/capability";
import { networkPattern, pathPattern } from "./execution-rules.ts";
import type { Manifest } from "./manifest.ts";

const ownFolder = CapabilitySet.from(["filesystem.write./data/plugins/self/*"]);

/** One thing a plugin asks for. */
export interface CapabilityRequest {
  /** What it asks for. */
  readonly pattern: Pattern;
  /** Whether the manifest names it, or it follows from `execution.sandbox`. */
  readonly source: "declared" | "sandbox";
  /** Why, in the plugin's words; show it as text. */
  readonly rationale?: string;
}

/** Lists everything a plugin asks for: what its manifest names, then what its sandbox section implies. No pattern stands twice. */
export function requestedCapabilities(manifest: Manifest): readonly CapabilityRequest[] {
  const { filesystem, network } = manifest.execution.sandbox;
  const writes = filesystem.writeAllow
    .map((path) => pathPattern("filesystem.write", path))
    .filter((pattern) => !ownFolder.covers(CapabilitySet.from([pattern])));
  const hosts = network.allow.flatMap((entry) => networkPattern(entry) ?? []);
  const declared: readonly string[] = manifest.capabilities;
  const implied = [...new Set([...writes, ...hosts])].filter((text) => !declared.includes(text));
  return Object.freeze([
    ...manifest.capabilities.map((pattern): CapabilityRequest => {
      const rationale = manifest.rationale[pattern];
      const request = { pattern, source: "declared" } as const;
      return Object.freeze(rationale === undefined ? request : { ...request, rationale });
    }),
    ...implied.map((text): CapabilityRequest =>
      Object.freeze({ pattern: parsePattern(text), source: "sandbox" }),
    ),
  ]);
}
