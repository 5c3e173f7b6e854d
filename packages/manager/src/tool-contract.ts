import type { SurfaceTool } from "@sigilrt/integrity";
import type { ArgumentIssue } from "./call.ts";
import type { SchemaFault } from "./read-schema.ts";
import { createSchemaCheck, type SchemaCheck } from "./schema-check.ts";

/** What an approved tool promises of its arguments and its result. */
export interface ToolContract {
  readonly checkArguments: SchemaCheck;
  /** Absent where the tool has no output schema. */
  readonly checkResult?: SchemaCheck;
}

/** A tool that is neither shown nor called, because a schema of it cannot be held against anything. */
export interface WithheldTool {
  /** The tool's name within the plugin. */
  readonly name: string;
  /** Which of its schemas. */
  readonly schema: "input" | "output";
  /** What is wrong with it. */
  readonly fault: SchemaFault;
}

/** By the tool of a surface, which lives as long as its approval or its instance. */
const contracts = new WeakMap<SurfaceTool, ToolContract | WithheldTool>();

/** The contract of a tool, or why it is withheld. */
export function contractOf(tool: SurfaceTool): ToolContract | WithheldTool {
  const known = contracts.get(tool);
  if (known) return known;
  const made = makeContract(tool);
  contracts.set(tool, made);
  return made;
}

function makeContract({
  name,
  inputSchema,
  outputSchema,
}: SurfaceTool): ToolContract | WithheldTool {
  const checkArguments = createSchemaCheck(inputSchema);
  if (typeof checkArguments === "string") return { name, schema: "input", fault: checkArguments };
  if (outputSchema === undefined) return { checkArguments };
  const checkResult = createSchemaCheck(outputSchema);
  if (typeof checkResult === "string") return { name, schema: "output", fault: checkResult };
  return { checkArguments, checkResult };
}

/** What is wrong with the arguments of a call, as paths of the request. */
export function argumentIssues(
  { checkArguments }: ToolContract,
  args: unknown,
): readonly ArgumentIssue[] {
  return checkArguments(args).map(({ path, message }) => ({
    path: ["arguments", ...path],
    message,
  }));
}
