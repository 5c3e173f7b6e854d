import { z } from "zod";
import { secretPaths, withoutSecret } from "./config-schema.ts";
import type { Manifest } from "./manifest.ts";
import { isList } from "./shape.ts";
import { type Plain, type PlainObject, takeSnapshot } from "./snapshot.ts";

/** One thing that is wrong with a configuration. It never quotes a value. */
export interface ConfigIssue {
  /** Where, as keys and indices. */
  readonly path: readonly (string | number)[];
  /** What is wrong. */
  readonly message: string;
}

/** A configuration held against the plugin's schema. */
export type ConfigOutcome =
  | {
      /** It fits. */
      readonly ok: true;
      /** The configuration as it was checked: a frozen copy. */
      readonly config: PlainObject;
      /** Where secrets stand in it, to be encrypted and redacted; `*` stands for every item or key. */
      readonly secrets: readonly (readonly string[])[];
    }
  | {
      /** It does not. */
      readonly ok: false;
      /** Everything that is wrong. */
      readonly issues: readonly ConfigIssue[];
      /** Where secrets would stand. */
      readonly secrets: readonly (readonly string[])[];
    };

/**
 * Holds a configuration against the manifest's `config_schema`. A plugin without schema takes no configuration but an empty one.
 * Issues name the place and the rule, never the value, which may be a secret.
 */
export function validateConfig(manifest: Manifest, config: unknown): ConfigOutcome {
  const schema = manifest.configSchema;
  const secrets = schema ? secretPaths(schema) : [];
  const { value, findings } = takeSnapshot(config ?? {});
  if (findings.length > 0 || !isObject(value)) {
    const issues = findings.map(({ path, message }) => ({ path, message }));
    return refused(issues.length > 0 ? issues : [notAMapping], secrets);
  }
  const fits = schema ? z.fromJSONSchema(withoutSecret(schema)) : z.strictObject({});
  const parsed = fits.safeParse(value);
  if (parsed.success) return Object.freeze({ ok: true, config: freeze(value), secrets });
  return refused(parsed.error.issues.map(describe), secrets);
}

const notAMapping: ConfigIssue = {
  path: [],
  message: "Cannot use configuration: it must be a mapping",
};

function describe(issue: z.core.$ZodIssue): ConfigIssue {
  const path = issue.path.map((part) => (typeof part === "symbol" ? "" : part));
  switch (issue.code) {
    case "invalid_type":
      return { path, message: `Cannot use value: it must be ${issue.expected}` };
    case "unrecognized_keys":
      return {
        path,
        message: `Cannot use ${issue.keys.length} keys here: the schema has none of them`,
      };
    case "too_small":
      return { path, message: `Cannot use value: at least ${issue.minimum}` };
    case "too_big":
      return { path, message: `Cannot use value: at most ${issue.maximum}` };
    case "invalid_format":
    case "invalid_value":
    case "invalid_union":
    case "invalid_key":
    case "invalid_element":
    case "not_multiple_of":
    case "custom":
      return { path, message: `Cannot use value: it breaks the schema (${issue.code})` };
    default:
      return issue satisfies never;
  }
}

const refused = (
  issues: readonly ConfigIssue[],
  secrets: readonly (readonly string[])[],
): ConfigOutcome => Object.freeze({ ok: false, issues: Object.freeze(issues), secrets });

const isObject = (value: Plain): value is PlainObject =>
  typeof value === "object" && value !== null && !isList(value);

function freeze<T extends Plain>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) freeze(inner);
    Object.freeze(value);
  }
  return value;
}
