import type { z } from "zod";
import { errorAt, type Finding, type IssuePath } from "./issue.ts";
import { keysAt } from "./json-schema.ts";
import { type ManifestRule, quote, quotePath } from "./manifest-error.ts";
import { faultIndex } from "./rights-rules.ts";
import { type ManifestInput, manifestSchema } from "./schema.ts";
import type { Plain } from "./snapshot.ts";
import { suggest } from "./suggestion.ts";

/** What the schema says of a value: every broken rule, and the value in its shape when there is none. */
export interface Shape {
  readonly findings: readonly Finding[];
  readonly input: ManifestInput | undefined;
}

/** Holds plain data to the shape of a manifest, field by field. */
export function checkShape(value: Plain): Shape {
  const parsed = manifestSchema.safeParse(value);
  if (parsed.success) return { findings: [], input: parsed.data };
  return {
    findings: parsed.error.issues.flatMap((issue) => translate(issue, [], value)),
    input: undefined,
  };
}

function translate(issue: z.core.$ZodIssue, above: IssuePath, root: Plain): readonly Finding[] {
  const path: IssuePath = [
    ...above,
    ...issue.path.map((part) => (typeof part === "symbol" ? "" : part)),
  ];
  const value = valueAt(root, path);
  switch (issue.code) {
    case "custom":
      return [custom(issue, path, value)];
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey([...path, key], key, keysAt(path)));
    case "invalid_type":
      return [isAbsent(value) ? required(path) : wrongType(path, value, issue.expected)];
    case "invalid_value":
      return [invalidValue(path, value, issue.values)];
    case "too_big":
      return [outside(path, value, issue.origin, `at most ${issue.maximum}`)];
    case "too_small":
      return [outside(path, value, issue.origin, `at least ${issue.minimum}`)];
    case "invalid_union":
      return union(issue, path, value, root);
    case "invalid_key":
    case "invalid_element":
      return issue.issues.flatMap((inner) => translate(inner, path, root));
    case "invalid_format":
    case "not_multiple_of":
      return [errorAt(path, "field.value", `Cannot use ${shown(value)}: ${issue.message}`)];
    default:
      return issue satisfies never;
  }
}

/** The alternative that the value comes closest to speaks for the union. */
function union(
  issue: z.core.$ZodIssueInvalidUnion,
  path: IssuePath,
  value: Plain | undefined,
  root: Plain,
): readonly Finding[] {
  const closest = issue.errors.find(
    (errors) => !errors.some((inner) => inner.code === "invalid_type" && inner.path.length === 0),
  );
  if (closest) return closest.flatMap((inner) => translate(inner, path, root));
  return [isAbsent(value) ? required(path) : wrongType(path, value, "text")];
}

function custom(issue: z.core.$ZodIssueCustom, path: IssuePath, value: Plain | undefined): Finding {
  const rule: ManifestRule = isRule(issue.params?.["rule"]) ? issue.params["rule"] : "field.value";
  const index =
    rule === "capability.malformed" && typeof value === "string" ? faultIndex(value) : undefined;
  return errorAt(path, rule, issue.message, {
    ...(issue.params?.["atKey"] === true ? { atKey: true } : {}),
    ...(index === undefined ? {} : { index }),
  });
}

/** Rules come from our own checks, which know the union; anything else would be a slip of ours. */
const isRule = (rule: unknown): rule is ManifestRule =>
  typeof rule === "string" && /^[a-z]+\.[a-z-]+$/u.test(rule);

function required(path: IssuePath): Finding {
  // An absent section is reported by the field that makes it necessary.
  const place = quotePath(path) === "execution" ? ["execution", "tier"] : path;
  return errorAt(
    place,
    "field.required",
    `Cannot do without ${quotePath(place) || "a manifest"}: it is missing`,
  );
}

function unknownKey(path: IssuePath, key: string, allowed: readonly string[]): Finding {
  const suggestion = suggest(key, allowed);
  return errorAt(path, "field.unknown", `Cannot use key ${quote(key)}: no manifest has it here`, {
    atKey: true,
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}

function wrongType(path: IssuePath, value: Plain | undefined, expected: string): Finding {
  const quoteIt = expected === "string" && typeof value !== "object" ? "; quote it" : "";
  const message = `Cannot use ${shown(value)} as ${quotePath(path) || "a manifest"}: it must be ${expected}${quoteIt}`;
  return errorAt(path, "field.type", message);
}

function invalidValue(
  path: IssuePath,
  value: Plain | undefined,
  allowed: readonly unknown[],
): Finding {
  if (isAbsent(value)) return required(path);
  if (typeof value !== "string") return wrongType(path, value, "string");
  const words = allowed.map(String);
  const suggestion = suggest(value, words);
  const message = `Cannot use ${quote(value)} as ${quotePath(path)}: it must be one of ${words.join(", ")}`;
  return errorAt(path, "field.value", message, suggestion === undefined ? {} : { suggestion });
}

function outside(
  path: IssuePath,
  value: Plain | undefined,
  origin: string,
  bound: string,
): Finding {
  const name = quotePath(path);
  if (origin === "string") {
    return errorAt(path, "field.length", `Cannot use text as ${name}: ${bound} characters`);
  }
  if (origin === "array") {
    return errorAt(path, "field.count", `Cannot use list as ${name}: ${bound} items`);
  }
  return errorAt(path, "field.range", `Cannot use ${shown(value)} as ${name}: ${bound}`);
}

/** The value at a path, looking at own properties only. */
export function valueAt(root: Plain, path: IssuePath): Plain | undefined {
  let value: Plain | undefined = root;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part))
      return undefined;
    value = isList(value) ? value[Number(part)] : value[part];
  }
  return value;
}

/** Whether a value is a list; `Array.isArray` does not narrow readonly ones. */
export const isList = (value: unknown): value is readonly Plain[] => Array.isArray(value);

const isAbsent = (value: Plain | undefined): value is null | undefined =>
  value === undefined || value === null;

function shown(value: Plain | undefined): string {
  if (isList(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a mapping";
  return typeof value === "string" ? quote(value) : String(value);
}
