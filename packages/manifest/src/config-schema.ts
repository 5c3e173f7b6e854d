import { z } from "zod";
import { type ManifestRule, quote } from "./manifest-error.ts";

type Schema = Readonly<Record<string, unknown>>;

const MAX_DEPTH = 16;
const MAX_PATTERN = 256;
/** Keywords whose values are schemas by name. */
const named = ["properties", "$defs", "patternProperties"];
/** Keywords whose values are schemas in a list. */
const listed = ["allOf", "anyOf", "oneOf", "prefixItems"];
/** Keywords whose value is one schema. */
const single = ["items", "additionalProperties", "propertyNames", "not", "contains"];
/** What a secret must not carry, since a manifest is public. */
const revealing = ["default", "examples", "const", "enum"];

/** Checks that a configuration schema is one this runtime can hold a configuration to. */
export function checkConfigSchema(context: z.core.ParsePayload<Schema>): void {
  const refuse = (
    path: readonly (string | number)[],
    rule: ManifestRule,
    message: string,
  ): void => {
    context.issues.push({
      code: "custom",
      input: context.value,
      path: [...path],
      message,
      params: { rule },
    });
  };
  if (context.value["type"] !== "object") {
    refuse([], "config.schema", "Cannot use config_schema: its root is not `type: object`");
    return;
  }
  const before = context.issues.length;
  for (const { schema, path } of subschemas(context.value)) {
    if (path.length > MAX_DEPTH * 2) {
      refuse(path, "config.schema", `Cannot use config_schema: nested deeper than ${MAX_DEPTH}`);
      return;
    }
    checkKeywords(schema, path, refuse);
  }
  if (context.issues.length > before) return;
  try {
    z.fromJSONSchema(withoutSecret(context.value));
  } catch {
    const state = "it uses a keyword or value that this runtime cannot check";
    refuse([], "config.schema", `Cannot use config_schema: ${state}`);
  }
}

/** The paths of fields marked secret, as keys from the root of a configuration; `*` stands for every item or key. */
export function secretPaths(schema: Schema): readonly (readonly string[])[] {
  const found: (readonly string[])[] = [];
  const visit = (part: unknown, path: readonly string[]): void => {
    if (!isSchema(part)) return;
    if (part["secret"] === true) found.push(path);
    for (const [key, inner] of Object.entries(schemaMap(part["properties"]))) {
      visit(inner, [...path, key]);
    }
    for (const keyword of ["items", "additionalProperties"]) visit(part[keyword], [...path, "*"]);
    for (const keyword of listed.slice(0, 3)) {
      for (const inner of schemaList(part[keyword])) visit(inner, path);
    }
  };
  visit(schema, []);
  return found;
}

/** The schema as other validators know it: `secret` is a keyword of ours. */
export function withoutSecret(schema: Schema): Schema {
  return mapSchemas(schema);
}

function checkKeywords(
  schema: Schema,
  path: readonly (string | number)[],
  refuse: (path: readonly (string | number)[], rule: ManifestRule, message: string) => void,
): void {
  const { $ref: ref, pattern, secret } = schema;
  if (ref !== undefined && (typeof ref !== "string" || !ref.startsWith("#"))) {
    refuse(
      [...path, "$ref"],
      "config.schema",
      "Cannot use config_schema: a reference leaves the document",
    );
  }
  if (typeof pattern === "string" && pattern.length > MAX_PATTERN) {
    const message = `Cannot use config_schema: a pattern over ${MAX_PATTERN} characters`;
    refuse([...path, "pattern"], "config.schema", message);
  }
  if (secret === undefined) return;
  if (typeof secret !== "boolean") {
    refuse([...path, "secret"], "config.secret", "Cannot use secret: write true or false");
  }
  if (secret !== true) return;
  if (schema["type"] !== "string") {
    refuse(
      path,
      "config.secret",
      "Cannot mark as secret: only a field of `type: string` can be one",
    );
  }
  for (const keyword of revealing.filter((name) => Object.hasOwn(schema, name))) {
    refuse(
      [...path, keyword],
      "config.secret",
      `Cannot mark as secret: ${quote(keyword)} would reveal it`,
    );
  }
}

function* subschemas(
  schema: unknown,
  path: readonly (string | number)[] = [],
): Generator<{ readonly schema: Schema; readonly path: readonly (string | number)[] }> {
  if (!isSchema(schema)) return;
  yield { schema, path };
  for (const keyword of named) {
    for (const [key, inner] of Object.entries(schemaMap(schema[keyword]))) {
      yield* subschemas(inner, [...path, keyword, key]);
    }
  }
  for (const keyword of listed) {
    for (const [index, inner] of schemaList(schema[keyword]).entries()) {
      yield* subschemas(inner, [...path, keyword, index]);
    }
  }
  for (const keyword of single) yield* subschemas(schema[keyword], [...path, keyword]);
}

function mapSchemas(schema: Schema): Schema {
  const mapped = Object.entries(schema)
    .filter(([keyword]) => keyword !== "secret")
    .map(([keyword, value]): readonly [string, unknown] => {
      if (named.includes(keyword) && isSchema(value)) {
        const inner = Object.entries(value).map(([key, part]): readonly [string, unknown] => [
          key,
          isSchema(part) ? mapSchemas(part) : part,
        ]);
        return [keyword, Object.fromEntries(inner)];
      }
      if (listed.includes(keyword) && Array.isArray(value)) {
        return [keyword, value.map((part) => (isSchema(part) ? mapSchemas(part) : part))];
      }
      return [keyword, single.includes(keyword) && isSchema(value) ? mapSchemas(value) : value];
    });
  return Object.fromEntries(mapped);
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const schemaMap = (value: unknown): Schema => (isSchema(value) ? value : {});
const schemaList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
