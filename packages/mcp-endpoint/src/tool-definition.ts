import type { VisibleTool } from "@sigilrt/manager";
import { isObject, type JsonObject } from "./vocabulary.ts";

/** A tool as clients of both eras read it. */
export interface ToolDefinition {
  name: string;
  title?: string;
  description: string;
  inputSchema: { type: "object"; [key: string]: unknown };
  outputSchema?: { [key: string]: unknown };
  annotations?: Hints;
}

type Hints = {
  title?: string;
  readOnlyHint?: boolean;
  destructiveHint?: boolean;
  idempotentHint?: boolean;
  openWorldHint?: boolean;
};

/**
 * Answers whether MCP can carry what a tool says of itself. Clients refuse a whole list for one schema that is none, so one plugin
 * could empty the list of all others.
 */
export function isServable({ inputSchema, outputSchema }: VisibleTool): boolean {
  return (
    isObject(inputSchema) &&
    (inputSchema["type"] === undefined || inputSchema["type"] === "object") &&
    isObjectSchema(inputSchema) &&
    (outputSchema === undefined || (isObject(outputSchema) && isObjectSchema(outputSchema)))
  );
}

/** Writes down a servable tool under one of its names. */
export function toolDefinition(name: string, tool: VisibleTool): ToolDefinition {
  const { title, description, inputSchema, outputSchema, annotations } = tool;
  return {
    name,
    ...(title === undefined ? {} : { title }),
    description,
    // Arguments are an object in any case; not every plugin says so.
    inputSchema: { ...(isObject(inputSchema) ? inputSchema : {}), type: "object" },
    ...(isObject(outputSchema) ? { outputSchema } : {}),
    ...(isObject(annotations) ? { annotations: hintsOf(annotations) } : {}),
  };
}

function isObjectSchema({ $schema, properties, required }: JsonObject): boolean {
  return (
    ($schema === undefined || typeof $schema === "string") &&
    (properties === undefined || isObject(properties)) &&
    (required === undefined ||
      (Array.isArray(required) && required.every((name) => typeof name === "string")))
  );
}

const hints = ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] as const;

/** The hints that MCP knows. They grant nothing; one of the wrong type would cost the client its list. */
function hintsOf(annotations: JsonObject): Hints {
  const { title } = annotations;
  const known: Hints = typeof title === "string" ? { title } : {};
  for (const name of hints) {
    const value = annotations[name];
    if (typeof value === "boolean") known[name] = value;
  }
  return known;
}
