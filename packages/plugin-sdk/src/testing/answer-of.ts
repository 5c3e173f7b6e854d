import type { ExecuteChunk } from "@sigilrt/protocol/plugin/v1";
import type { JsonValue } from "../json.ts";
import type { ToolAnswer } from "./tested-plugin.ts";

type Chunk = ExecuteChunk["chunk"];
type StructuredValue = Extract<Chunk, { readonly case: "structured" }>["value"];

/** Puts the answer of a tool together. */
export async function answerOf(
  chunks: AsyncIterable<ExecuteChunk>,
  jsonOf: (value: StructuredValue) => JsonValue,
): Promise<ToolAnswer> {
  let text = "";
  let structured: JsonValue | undefined;
  let failure: ToolAnswer["failure"];
  const files: ToolAnswer["files"][number][] = [];
  const progress: ToolAnswer["progress"][number][] = [];
  const parts: Uint8Array[] = [];
  for await (const { chunk } of chunks) {
    switch (chunk.case) {
      case "text":
        text += chunk.value;
        break;
      case "structured":
        structured = jsonOf(chunk.value);
        break;
      case "progress": {
        const { completed, total, message } = chunk.value;
        progress.push({
          completed,
          ...(total > 0 ? { total } : {}),
          ...(message === "" ? {} : { message }),
        });
        break;
      }
      case "binary": {
        // This SDK sends the parts of one file in a row.
        const { mimeType, name, data, last } = chunk.value;
        parts.push(data);
        if (!last) break;
        const whole = Uint8Array.from(Buffer.concat(parts.splice(0)));
        files.push({ mimeType, data: whole, ...(name === "" ? {} : { name }) });
        break;
      }
      case "failure": {
        const { code, message, retryable } = chunk.value;
        failure = { code, message, retryable };
        text += message;
        break;
      }
      case "error":
        failure = { code: "internal", message: chunk.value, retryable: false };
        text += chunk.value;
        break;
      case "done":
      case undefined:
        break;
      default:
        chunk satisfies never;
    }
  }
  return {
    isError: failure !== undefined,
    text,
    files,
    progress,
    ...(structured === undefined ? {} : { structured }),
    ...(failure === undefined ? {} : { failure }),
  };
}
