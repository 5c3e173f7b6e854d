import type { ManifestIssue, ManifestRule } from "./manifest-error.ts";

/** A place in a manifest: keys and indices from the root. */
export type IssuePath = readonly (string | number)[];

/** An issue that is not yet placed in a text. */
export interface Finding {
  readonly severity: ManifestIssue["severity"];
  readonly rule: ManifestRule;
  readonly path: IssuePath;
  readonly message: string;
  readonly suggestion?: string;
  /** Whether it is about the key itself rather than what stands under it. */
  readonly atKey?: true;
  /** A character inside the text that stands there, from 0. */
  readonly index?: number;
}

/** An error at a place. */
export function errorAt(
  path: IssuePath,
  rule: ManifestRule,
  message: string,
  more: Pick<Finding, "suggestion" | "atKey" | "index"> = {},
): Finding {
  return { severity: "error", rule, path, message, ...more };
}

/** A warning at a place; it blocks nothing. */
export function warningAt(path: IssuePath, rule: ManifestRule, message: string): Finding {
  return { severity: "warning", rule, path, message };
}
