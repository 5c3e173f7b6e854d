import { z } from "zod";
import { manifestSchema } from "./schema.ts";

/** A JSON Schema of dialect 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What editors check `plugin.yaml` with, made from the schema that parses. It accepts every manifest that parses. */
export const manifestJsonSchema: JsonSchema = Object.freeze({
  title: "plugin.yaml",
  ...z.toJSONSchema(manifestSchema, { io: "input" }),
});

/** The keys a manifest may have at a place; empty where any or none are. */
export function keysAt(path: readonly (string | number)[]): readonly string[] {
  let schemas: readonly JsonSchema[] = [manifestJsonSchema];
  for (const part of path) {
    schemas = schemas.flatMap(alternatives).flatMap((schema) => {
      const next = typeof part === "number" ? schema["items"] : member(schema["properties"], part);
      return isSchema(next) ? [next] : [];
    });
  }
  return schemas.flatMap(alternatives).flatMap((schema) => {
    const { properties } = schema;
    return isSchema(properties) ? Object.keys(properties) : [];
  });
}

function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  const { anyOf } = schema;
  return Array.isArray(anyOf) ? anyOf.filter(isSchema).flatMap(alternatives) : [schema];
}

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const member = (properties: unknown, key: string): unknown =>
  isSchema(properties) && Object.hasOwn(properties, key) ? properties[key] : undefined;
