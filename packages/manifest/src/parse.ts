import { buildManifest } from "./build.ts";
import type { Finding, IssuePath } from "./issue.ts";
import type { Manifest } from "./manifest.ts";
import { ManifestError, type ManifestIssue } from "./manifest-error.ts";
import { placeFindings } from "./places.ts";
import { readYaml } from "./read-yaml.ts";
import { checkRules } from "./rules.ts";
import { checkShape, isList, type Shape } from "./shape.ts";
import { type Plain, takeSnapshot } from "./snapshot.ts";

/**
 * Parses and checks the text of a `plugin.yaml`. The answer is whole or there is none.
 *
 * @throws {@link ManifestError} with every issue, each with line and column: `TOO_LARGE` (64 KiB), `NOT_UTF8`, `YAML_REFUSED`
 * (syntax, and YAML that could hide something), `INVALID`
 */
export function parseManifest(text: string | Uint8Array): Manifest {
  const { value, findings, places } = readYaml(text);
  const { shape, all } = check(value, findings);
  const issues = placeFindings(all, orderOf(value), places);
  const [first, ...rest] = issues.filter(({ severity }) => severity === "error");
  if (first || !shape.input) throw new ManifestError("INVALID", [first ?? unreadable, ...rest]);
  return buildManifest(shape.input, issues);
}

/** Checks an already decoded value and answers every issue; empty means valid and wise. Never throws, and runs none of the value's code. */
export function validateManifest(value: unknown): readonly ManifestIssue[] {
  try {
    const { value: plain, findings } = takeSnapshot(value);
    return placeFindings(check(plain, findings).all, orderOf(plain), undefined);
  } catch {
    // A proxy may throw at any look; what cannot be read is no manifest.
    return [unreadable];
  }
}

const unreadable: ManifestIssue = Object.freeze({
  severity: "error",
  rule: "field.type",
  path: [],
  message: "Cannot use value as a manifest: it cannot be read",
});

function check(
  value: Plain,
  findings: readonly Finding[],
): { readonly shape: Shape; readonly all: readonly Finding[] } {
  const shape = checkShape(value);
  return { shape, all: [...findings, ...shape.findings, ...checkRules(value)] };
}

/** The place of a path among all paths of a value, in the order in which they are written. */
function orderOf(value: Plain): (path: IssuePath) => number {
  const ranks = new Map<string, number>();
  const visit = (part: Plain, path: IssuePath): void => {
    ranks.set(JSON.stringify(path), ranks.size);
    if (typeof part !== "object" || part === null) return;
    const entries = isList(part) ? [...part.entries()] : Object.entries(part);
    for (const [key, inner] of entries) visit(inner, [...path, key]);
  };
  visit(value, []);
  return (path) => {
    for (let length = path.length; length >= 0; length -= 1) {
      const rank = ranks.get(JSON.stringify(path.slice(0, length)));
      if (rank !== undefined) return rank;
    }
    return 0;
  };
}
