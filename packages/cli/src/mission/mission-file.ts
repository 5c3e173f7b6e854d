import type { Operation } from "@sigilrt/mission";
import { ManifestError } from "@sigilrt/manifest";
import { nearestWord, parseStrictYaml, type StrictYaml } from "@sigilrt/manifest/yaml";
import { z } from "zod";

/** A mission as a file says it: whose it is, what it may do, and its steps in order. */
export interface MissionFile {
  /** Its name: what decisions and the audit call it. */
  readonly name: string;
  /** The workspace whose `allow` holds. */
  readonly workspace: string;
  /** What it may do. */
  readonly envelope: {
    /** Operations: a capability, or `<name>.*`. */
    readonly allowOps: readonly string[];
    /** Patterns of paths that it may touch. */
    readonly allowPaths: readonly string[];
    /** Patterns that it may not. */
    readonly denyPaths: readonly string[];
    /** Patterns that nothing may. */
    readonly protectedPaths: readonly string[];
    /** The most that it may cost, in dollars. */
    readonly maxBudgetUsd: string;
    /** When it ends, in RFC 3339; `null` for never. */
    readonly expiresAt: string | null;
  };
  /** What it does. */
  readonly steps: readonly {
    /** The step's name, once in a file. */
    readonly name: string;
    /** What it is. */
    readonly operation: Omit<Operation, "operationId">;
  }[];
}

const name = z.string().regex(/^(?=.{1,64}$)[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/u, {
  error: "must be lower-case letters, digits and single hyphens, beginning with a letter",
});
const texts = z.array(z.string().min(1).max(1_024)).max(1_000);
const usd = z.string({ error: 'must be a quoted decimal such as "12.50"' });
const params = z.record(z.string(), z.json()).default({});
const step = z.strictObject({
  name,
  operation: z
    .string()
    .min(1)
    .max(256)
    .regex(/^[^*]+$/u, { error: "names one operation; a pattern is none" }),
  params,
  paths: texts.default([]),
  estimate_usd: usd.default("0"),
  compensation: z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("none"), reason: z.string().min(1).max(1_024) }),
    z.strictObject({ type: z.enum(["restore", "delete"]), paths: texts }),
    z.strictObject({ type: z.literal("registered"), name: z.string().min(1).max(256), params }),
  ]),
});
const schema = z.strictObject({
  name,
  workspace: z.string().min(1).max(64),
  allow_ops: texts,
  allow_paths: texts,
  deny_paths: texts,
  protected_paths: texts,
  max_budget_usd: usd,
  expires_at: z.union([z.string(), z.null()]),
  steps: z.array(step).min(1).max(1_000),
});

/**
 * Reads a mission file: YAML under the rules of a manifest's text; an unknown key is refused, never ignored.
 *
 * @throws Error with every fault and its place
 */
export function parseMissionFile(text: string | Uint8Array): MissionFile {
  const yaml = readText(text);
  const parsed = schema.safeParse(yaml.value);
  if (!parsed.success) {
    throw refused(parsed.error.issues.flatMap((issue) => faultsOf(issue, yaml)));
  }
  const { steps, name: mission, workspace, ...rules } = parsed.data;
  const doubled = steps.findIndex(
    (one, place) => steps.findIndex((other) => other.name === one.name) < place,
  );
  if (doubled >= 0) throw refused([faultAt(yaml, ["steps", doubled, "name"], "is used before")]);
  return {
    name: mission,
    workspace,
    envelope: {
      allowOps: rules.allow_ops,
      allowPaths: rules.allow_paths,
      denyPaths: rules.deny_paths,
      protectedPaths: rules.protected_paths,
      maxBudgetUsd: rules.max_budget_usd,
      expiresAt: rules.expires_at,
    },
    steps: steps.map(({ name: own, operation, estimate_usd: estimateUsd, ...rest }) => ({
      name: own,
      operation: { ...rest, type: operation, estimateUsd },
    })),
  };
}

function readText(text: string | Uint8Array): StrictYaml {
  try {
    return parseStrictYaml(text);
  } catch (cause) {
    if (!(cause instanceof ManifestError)) throw cause;
    const faults = cause.issues.map(
      ({ line = 1, column = 1, message }) => `${line}:${column} ${message}`,
    );
    throw refused(faults, cause);
  }
}

const refused = (faults: readonly string[], cause?: unknown): Error =>
  new Error(["Cannot read the mission file:", ...faults].join("\n  "), { cause });

function faultsOf(issue: z.core.$ZodIssue, yaml: StrictYaml): readonly string[] {
  const at = issue.path.map((part) => (typeof part === "symbol" ? "" : part));
  if (issue.code !== "unrecognized_keys") return [faultAt(yaml, at, issue.message)];
  const known = at.length === 0 ? Object.keys(schema.shape) : Object.keys(step.shape);
  return issue.keys.map((key) => {
    const meant = nearestWord(key, known);
    const hint = meant === undefined ? "no mission file has it here" : `did you mean "${meant}"?`;
    return faultAt(yaml, [...at, key], hint, "key");
  });
}

function faultAt(
  yaml: StrictYaml,
  at: readonly (string | number)[],
  state: string,
  part: "key" | "value" = "value",
): string {
  const { line, column } = yaml.locate(at, { at: part });
  return `${line}:${column} ${at.join(".") || "the file"}: ${state}`;
}
