import { toJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { Role } from "@sigilrt/protocol/common/v1";
import type { ChatEvent, ExecuteChunk } from "@sigilrt/protocol/plugin/v1";
import type { OutboundMessage } from "./channel.ts";
import type { Host, HostChatRequest } from "./host.ts";
import type { JsonObject } from "./json.ts";
import { PluginSdkError } from "./plugin-sdk-error.ts";
import type { ChatMessage, ChatOutput } from "./provider.ts";
import type { ToolOutput } from "./tool.ts";

/** Reads the answer of a tool. Throws {@link PluginSdkError} when the tool failed. */
export async function* callToolOutputs(
  chunks: AsyncIterable<ExecuteChunk>,
): AsyncGenerator<ToolOutput, void, undefined> {
  const parts = new Map<string, Uint8Array[]>();
  for await (const { chunk } of chunks) {
    switch (chunk.case) {
      case "text":
        yield { text: chunk.value };
        break;
      case "structured":
        yield { structured: toJson(ValueSchema, chunk.value) };
        break;
      case "binary": {
        const { partId, mimeType, name, data, last } = chunk.value;
        const pieces = [...(parts.get(partId) ?? []), data];
        parts.set(partId, pieces);
        if (!last) break;
        parts.delete(partId);
        const whole = Uint8Array.from(Buffer.concat(pieces));
        yield { binary: { mimeType, data: whole, ...(name === "" ? {} : { name }) } };
        break;
      }
      case "error":
        throw failed(chunk.value);
      case "failure":
        throw failed(chunk.value.message);
      case "done":
      case "progress":
      case undefined:
        break;
      default:
        chunk satisfies never;
    }
  }
}

/** Reads the answer of a model. Throws {@link PluginSdkError} when the model failed. */
export async function* chatOutputs(
  events: AsyncIterable<ChatEvent>,
): AsyncGenerator<ChatOutput, void, undefined> {
  for await (const { event } of events) {
    switch (event.case) {
      case "textDelta":
        yield { text: event.value.text };
        break;
      case "thinkingDelta":
        yield { thinking: event.value.text };
        break;
      case "toolCall": {
        const { id, name, arguments: args } = event.value;
        yield { toolCall: { id, name, arguments: JSON.parse(args) } };
        break;
      }
      case "usage": {
        const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = event.value;
        yield { usage: { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } };
        break;
      }
      case "error":
        throw failed(event.value);
      case "failure":
        throw failed(event.value.message);
      case "done":
      case "stopReason":
      case undefined:
        break;
      default:
        event satisfies never;
    }
  }
}

/** Says a question to a model on the wire. */
export function wireChat(request: HostChatRequest) {
  const { model, messages, tools = [], systemPrompt = "", stopSequences = [] } = request;
  const { temperature = 0, maxTokens = 0 } = request;
  return {
    model,
    systemPrompt,
    messages: messages.map(wireTurn),
    tools: tools.map(({ name, description, inputSchema }) => ({
      name,
      description,
      inputSchema: wireObject(inputSchema),
    })),
    options: { stream: true, temperature, maxTokens, stopSequences: [...stopSequences] },
    accept: ["failure", "thinking_delta"],
  };
}

function wireTurn({ role, ...words }: HostChatRequest["messages"][number]) {
  return { ...words, role: ROLES[role] };
}

/** Says a message to be sent on the wire. */
export const wireMessage = ({
  media = [],
  ...message
}: Parameters<Host["sendMessage"]>[0]): WireMessage => ({
  ...message,
  media: media.map((file) => ({ ...file, sizeBytes: BigInt(file.sizeBytes) })),
});

type WireMessage = Partial<Omit<OutboundMessage, "media">> & {
  readonly media: (Omit<OutboundMessage["media"][number], "sizeBytes"> & {
    readonly sizeBytes: bigint;
  })[];
};

const ROLES = {
  user: Role.USER,
  assistant: Role.ASSISTANT,
  system: Role.SYSTEM,
  tool: Role.TOOL,
} as const satisfies Record<ChatMessage["role"], Role>;

/** The wire's type of an object is not readonly, and nothing here writes to it. */
const wireObject = (json: JsonObject): Record<string, never> => JSON.parse(JSON.stringify(json));

const failed = (found: string): PluginSdkError =>
  new PluginSdkError("CALLBACK_FAILED", `Cannot get an answer of the host: ${found}`);
