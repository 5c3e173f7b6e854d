import type {
  CallChunk,
  ChatEvent,
  ChatMessage,
  ChatRequest,
  OutboundMessage,
} from "@sigilrt/lifecycle";
import { Role } from "@sigilrt/protocol/common/v1";
import type {
  ChatRequest as WireChatRequest,
  SendRequest as WireSendRequest,
} from "@sigilrt/protocol/plugin/v1";
import type { SessionMessage } from "./host-callbacks.ts";
import { toValue } from "./json.ts";

const PART_BYTES = 1_048_576;

/** Says a piece of a tool's answer on the wire, as far as the plugin takes it. */
export function* wireChunks(chunk: CallChunk, accept: ReadonlySet<string>) {
  switch (chunk.kind) {
    case "content": {
      const { content } = chunk;
      if (content.kind === "text") {
        yield { chunk: { case: "text" as const, value: content.text } };
        return;
      }
      if (!accept.has("binary")) return;
      const { mimeType, name = "", data } = content;
      for (let at = 0; at === 0 || at < data.byteLength; at += PART_BYTES) {
        const part = { partId: "file", mimeType, name, data: data.slice(at, at + PART_BYTES) };
        const last = at + PART_BYTES >= data.byteLength;
        yield { chunk: { case: "binary" as const, value: { ...part, last } } };
      }
      return;
    }
    case "progress":
      return;
    case "result":
      if (chunk.structured !== undefined) {
        yield accept.has("structured")
          ? { chunk: { case: "structured" as const, value: toValue(chunk.structured) } }
          : { chunk: { case: "text" as const, value: JSON.stringify(chunk.structured) } };
      }
      yield chunk.isError
        ? { chunk: { case: "error" as const, value: "the tool failed" } }
        : { chunk: { case: "done" as const, value: true } };
      return;
    default:
      chunk satisfies never;
  }
}

/** Says a piece of a model's answer on the wire. */
export function wireEvent(event: ChatEvent) {
  switch (event.kind) {
    case "text":
      return { event: { case: "textDelta" as const, value: { text: event.text } } };
    case "tool_call": {
      const { id, name, arguments: args } = event;
      const value = { id, name, arguments: JSON.stringify(args) };
      return { event: { case: "toolCall" as const, value } };
    }
    case "usage":
      return { event: { case: "usage" as const, value: { ...event.usage } } };
    case "done":
      return { event: { case: "done" as const, value: true } };
    case "error":
      return { event: { case: "error" as const, value: event.message } };
    default:
      return event satisfies never;
  }
}

/** Reads a question to a model. */
export function chatRequestOf(wire: WireChatRequest): ChatRequest {
  const { model, messages, tools, systemPrompt, options } = wire;
  return {
    model,
    messages: messages.map(chatMessageOf),
    tools: tools.map(({ name, description, inputSchema }) => ({
      name,
      description,
      inputSchema: inputSchema ?? {},
    })),
    ...(systemPrompt === "" ? {} : { systemPrompt }),
    ...(options === undefined || options.temperature === 0
      ? {}
      : { temperature: options.temperature }),
    ...(options === undefined || options.maxTokens === 0 ? {} : { maxTokens: options.maxTokens }),
    stopSequences: options?.stopSequences ?? [],
  };
}

function chatMessageOf(message: WireChatRequest["messages"][number]): ChatMessage {
  const { role, content, toolCallId, toolName } = message;
  return {
    role: ROLES.get(role) ?? "user",
    content,
    ...(toolCallId === "" ? {} : { toolCallId }),
    ...(toolName === "" ? {} : { toolName }),
  };
}

/** Reads a message to be sent. */
export function outboundOf(wire: WireSendRequest): OutboundMessage {
  const { channelId, content, threadId, media, typingIndicator, replyToMessageId } = wire;
  return {
    channelId,
    content,
    media: media.map(({ url, mimeType, filename, sizeBytes }) => ({
      url,
      mimeType,
      filename,
      sizeBytes: Number(sizeBytes),
    })),
    ...(threadId === "" ? {} : { threadId }),
    ...(typingIndicator ? { typingIndicator } : {}),
    ...(replyToMessageId === "" ? {} : { replyToMessageId }),
    ...(wire.idempotencyKey === "" ? {} : { idempotencyKey: wire.idempotencyKey }),
  };
}

const ROLES: ReadonlyMap<Role, ChatMessage["role"]> = new Map([
  [Role.USER, "user"],
  [Role.ASSISTANT, "assistant"],
  [Role.SYSTEM, "system"],
  [Role.TOOL, "tool"],
]);

/** Says a message of a session on the wire. */
export function wireSessionMessage(message: SessionMessage, sessionId: string) {
  const { createdAtMs, role, ...words } = message;
  const [wireRole = Role.UNSPECIFIED] = [...ROLES].find(([, name]) => name === role) ?? [];
  const instant = createdAtMs === undefined ? {} : { createdAt: instantOf(createdAtMs) };
  return { ...words, ...instant, sessionId, role: wireRole };
}

function instantOf(ms: number): { readonly seconds: bigint; readonly nanos: number } {
  const seconds = Math.floor(ms / 1000);
  return { seconds: BigInt(seconds), nanos: Math.round(ms - seconds * 1000) * 1_000_000 };
}
