import type { CallToolResult } from "@modelcontextprotocol/client";
import type { CallChunk, Content, JsonValue, OfferedTool } from "@sigilrt/lifecycle";
import { McpHostError } from "./mcp-host-error.ts";

type Block = CallToolResult["content"][number];
type Tool = {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly inputSchema: object;
  readonly outputSchema?: object | undefined;
  readonly annotations?: object | undefined;
};

/** A tool as the contract knows it; what is no JSON cannot come out of JSON. */
export function offeredTool(tool: Tool): OfferedTool {
  const { name, title, description = "", inputSchema, outputSchema, annotations } = tool;
  return {
    name,
    description,
    inputSchema: plain(inputSchema),
    ...(title === undefined ? {} : { title }),
    ...(outputSchema === undefined ? {} : { outputSchema: plain(outputSchema) }),
    ...(annotations === undefined ? {} : { annotations: plain(annotations) }),
  };
}

/** The chunks of a result: its pieces, then the end. @throws {@link McpHostError} `RESULT_MALFORMED` */
export function chunksOf(result: CallToolResult): readonly CallChunk[] {
  const end = { kind: "result", isError: result.isError === true } as const;
  return [
    ...result.content.map((block): CallChunk => ({ kind: "content", content: contentOf(block) })),
    result.structuredContent === undefined
      ? end
      : { ...end, structured: plain(result.structuredContent) },
  ];
}

/** How many bytes a result takes, over all its pieces. */
export function sizeOf(chunks: readonly CallChunk[]): number {
  return chunks.reduce((sum, chunk) => sum + chunkSize(chunk), 0);
}

function chunkSize(chunk: CallChunk): number {
  switch (chunk.kind) {
    case "content":
      return chunk.content.kind === "text"
        ? Buffer.byteLength(chunk.content.text)
        : chunk.content.data.byteLength;
    case "result":
      return chunk.structured === undefined
        ? 0
        : Buffer.byteLength(JSON.stringify(chunk.structured));
    case "progress":
      return 0;
    default:
      return chunk satisfies never;
  }
}

function contentOf(block: Block): Content {
  switch (block.type) {
    case "text":
      return { kind: "text", text: block.text };
    case "image":
    case "audio":
      return { kind: "binary", mimeType: block.mimeType, data: decode(block.data) };
    case "resource":
      return "text" in block.resource
        ? { kind: "text", text: block.resource.text, source: sourceOf(block.resource) }
        : {
            kind: "binary",
            mimeType: block.resource.mimeType ?? "application/octet-stream",
            data: decode(block.resource.blob),
            name: block.resource.uri,
          };
    case "resource_link":
      return {
        kind: "text",
        text: `${block.name}: ${block.uri}`,
        source: { ...sourceOf(block), linkName: block.name },
      };
    default:
      return block satisfies never;
  }
}

const sourceOf = ({
  uri,
  mimeType,
}: {
  readonly uri: string;
  readonly mimeType?: string | undefined;
}): { readonly uri: string; readonly mimeType?: string } =>
  mimeType === undefined ? { uri } : { uri, mimeType };

function decode(base64: string): Uint8Array {
  if (!/^[A-Za-z0-9+/]*={0,2}$/u.test(base64)) {
    throw new McpHostError("RESULT_MALFORMED", "Cannot read a result: its data is no base64");
  }
  return new Uint8Array(Buffer.from(base64, "base64"));
}

/** The client hands out what it parsed from JSON. */
export function plain(value: unknown): JsonValue {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- parsed from JSON
  return value as JsonValue;
}
