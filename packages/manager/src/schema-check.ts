import { dereference, type OutputUnit, type SchemaDraft, validate } from "@cfworker/json-schema";
import type { ArgumentIssue } from "./call.ts";
import { copyJson } from "./json-copy.ts";
import { readSchema, type SchemaFault } from "./read-schema.ts";
import { runWithin } from "./run-within.ts";

/** Holds values against one schema. Answers what is wrong with a value; empty when it fits. */
export type SchemaCheck = (value: unknown) => readonly ArgumentIssue[];

/** Parts of a schema times parts of a value up to which a check needs no watch. */
const FREE_WORK = 100_000;
/** The longest a check may take, in milliseconds: the whole gateway waits for it. */
const MOST_MS = 25;
const MOST_ISSUES = 16;
const MOST_TEXT = 200;

/** Makes the check of a schema that a plugin offers, or says why it is not used. */
export function createSchemaCheck(offered: unknown): SchemaCheck | SchemaFault {
  const read = readSchema(offered);
  if (typeof read === "string") return read;
  const { schema, nodes, isCostly, references } = read;
  const draft = draftOf(offered);
  let lookup: ReturnType<typeof dereference>;
  try {
    lookup = dereference(schema);
  } catch {
    return "malformed";
  }
  const isWhole = references.every(
    ({ __absolute_ref__: at, $ref }) => String(at ?? $ref) in lookup,
  );
  if (!isWhole) return "unresolved-reference";

  return (value) => {
    const copy = copyJson(value);
    if (!copy) return [{ path: [], message: "is no JSON within bounds" }];
    const run = (isShort: boolean) => validate(copy.value, schema, draft, lookup, isShort);
    const isFree = !isCostly && nodes * copy.nodes <= FREE_WORK;
    try {
      const first = isFree ? { value: run(true) } : runWithin(MOST_MS, () => run(true));
      if (first === "late") return [{ path: [], message: "takes too long to check" }];
      if (first.value.valid) return [];
      const all = runWithin(MOST_MS, () => run(false));
      return issuesOf(all === "late" ? first.value.errors : all.value.errors);
    } catch {
      // A recursion that never ends, or a comparison that the library cannot make: what cannot be checked does not pass.
      return [{ path: [], message: "cannot be checked" }];
    }
  };
}

function draftOf(offered: unknown): SchemaDraft {
  const dialect =
    typeof offered === "object" && offered !== null && "$schema" in offered ? offered.$schema : "";
  if (typeof dialect !== "string") return "2020-12";
  if (/draft-0[67]/u.test(dialect)) return "7";
  if (dialect.includes("draft-04")) return "4";
  return dialect.includes("2019-09") ? "2019-09" : "2020-12";
}

/** Errors that only say that there is another one further in. */
const outer = new Set([
  "$ref",
  "additionalProperties",
  "allOf",
  "dependentSchemas",
  "if",
  "items",
  "prefixItems",
  "properties",
]);
/** Errors whose text is made of the schema alone. */
const quotable = new Set(["const", "enum", "required", "type"]);

function issuesOf(errors: readonly OutputUnit[]): readonly ArgumentIssue[] {
  const inner = errors.filter(({ keyword }) => !outer.has(keyword));
  const told = inner.length > 0 ? inner : errors;
  return told.slice(0, MOST_ISSUES).map(({ keyword, error, instanceLocation }) => ({
    path: pathOf(instanceLocation),
    message: messageOf(keyword, error),
  }));
}

/** Never the value: it may be a secret, and answers end in logs. */
function messageOf(keyword: string, error: string): string {
  if (quotable.has(keyword)) return error.slice(0, MOST_TEXT);
  return keyword === "false" ? "is not allowed here" : `breaks the schema (${keyword})`;
}

function pathOf(pointer: string): ArgumentIssue["path"] {
  const parts = pointer.split("/").slice(1, 65);
  return parts.map((part) => {
    const key = decoded(part).replaceAll("~1", "/").replaceAll("~0", "~");
    return /^\d{1,9}$/u.test(key) ? Number(key) : key.slice(0, 64);
  });
}

function decoded(part: string): string {
  try {
    return decodeURI(part);
  } catch {
    return part;
  }
}
