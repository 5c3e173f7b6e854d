import type { JsonValue, OfferedTool, ToolSurface } from "@sigilrt/lifecycle";
import type { DescribeResponse } from "@sigilrt/protocol/plugin/v1";
import { ProcessHostError } from "./process-host-error.ts";

type WireTool = DescribeResponse["tools"][number];

/** Reads what a plugin offers; names are unique and none is empty. */
export function readSurface({ tools }: Pick<DescribeResponse, "tools">): ToolSurface {
  const names = new Set(tools.map(({ name }) => name));
  if (names.size < tools.length || names.has("")) {
    throw new ProcessHostError(
      "PLUGIN_MISBEHAVED",
      "Cannot use the tools of the plugin: two have one name, or one has none",
      {
        phase: "call",
      },
    );
  }
  return { tools: tools.map(readTool) };
}

function readTool({
  name,
  description,
  title,
  inputSchema,
  outputSchema,
  annotations,
}: WireTool): OfferedTool {
  return {
    name,
    description,
    inputSchema: inputSchema ?? {},
    ...(title === "" ? {} : { title }),
    ...(outputSchema === undefined ? {} : { outputSchema }),
    ...(annotations === undefined ? {} : { annotations: readAnnotations(annotations) }),
  };
}

function readAnnotations(annotations: NonNullable<WireTool["annotations"]>): JsonValue {
  const { readOnly, destructive, idempotent, openWorld } = annotations;
  return {
    ...(readOnly === undefined ? {} : { readOnly }),
    ...(destructive === undefined ? {} : { destructive }),
    ...(idempotent === undefined ? {} : { idempotent }),
    ...(openWorld === undefined ? {} : { openWorld }),
  };
}
