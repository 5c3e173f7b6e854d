/**
 * The text rules of `plugin.yaml` for other YAML files of a gateway.
 *
 * @packageDocumentation
 */

import { ManifestError } from "./manifest-error.ts";
import { placeFindings } from "./places.ts";
import { readYaml } from "./read-yaml.ts";
import type { Plain } from "./snapshot.ts";

export { nearestWord } from "./suggestion.ts";

/** A YAML text that was read, and where its parts stand. */
export interface StrictYaml {
  /** Plain data: objects without prototype, arrays, texts, numbers, booleans, `null`. */
  readonly value: Plain;
  /** Where the value at a path begins, or its key; the nearest place around a path that is not there. Counted from 1. */
  locate(
    path: readonly (string | number)[],
    options?: { readonly at: "key" | "value" },
  ): { readonly line: number; readonly column: number };
}

export type { Plain } from "./snapshot.ts";

/**
 * Reads one YAML 1.2 document, core schema, at most 64 KiB, 16 levels and 4,096 nodes. Refused is what could name a thing twice or
 * hide it: aliases, tags, merge keys, doubled keys, keys that are no text, a second document, `__proto__` and its like.
 *
 * @throws {@link ManifestError} `TOO_LARGE`, `NOT_UTF8`, `YAML_REFUSED`, each issue with line and column
 */
export function parseStrictYaml(text: string | Uint8Array): StrictYaml {
  const { value, findings, places } = readYaml(text);
  const [first, ...rest] = placeFindings(findings, () => 0, places);
  if (first) throw new ManifestError("YAML_REFUSED", [first, ...rest]);
  return {
    value,
    locate: (path, { at } = { at: "value" }) =>
      places.locate({
        severity: "error",
        rule: "field.value",
        path,
        message: "",
        ...(at === "key" ? { atKey: true } : {}),
      }),
  };
}
