import type {
  ChatEvent,
  ChatMessage,
  ChatRequest,
  Clock,
  ModelInfo,
  ProviderHandle,
} from "@sigilrt/lifecycle";
import { Role } from "@sigilrt/protocol/common/v1";
import type { ChatEvent as WireEvent, ListModelsResponse } from "@sigilrt/protocol/plugin/v1";
import { type Connection, contractError, contractual, wireOptions } from "./connection.ts";
import { instantMs } from "./instant.ts";
import { methods } from "./methods.ts";
import { ProcessHostError } from "./process-host-error.ts";

/** The provider service of a plugin. */
export function providerHandle(connection: Connection, clock: Clock): ProviderHandle {
  return {
    kind: "provider",
    models: (options) =>
      contractual(async () => {
        const { models } = await connection.unary(
          methods.providerModels,
          {},
          wireOptions(options, clock.now()),
        );
        return models.map(modelInfo);
      }),
    async *chat(request, options) {
      try {
        let ended = false;
        for await (const event of connection.stream(
          methods.providerChat,
          chatRequest(request),
          wireOptions(options, clock.now()),
        )) {
          if (ended) throw misbehaved("it went on after its end");
          const known = chatEvent(event);
          if (known !== undefined) yield known;
          ended = known?.kind === "done" || known?.kind === "error";
        }
        // A stream that ends well without a last word counts as done.
        if (!ended) yield { kind: "done" };
      } catch (error) {
        throw contractError(error);
      }
    },
    status: (options) =>
      contractual(async () => {
        const status = await connection.unary(
          methods.providerStatus,
          {},
          wireOptions(options, clock.now()),
        );
        const { available, provider, message, failureCount } = status;
        const lastFailureAtMs = instantMs(status.lastFailureAt);
        const cooldownUntilMs = instantMs(status.cooldownUntil);
        return {
          available,
          provider,
          message,
          failureCount: Number(failureCount),
          ...(lastFailureAtMs === undefined ? {} : { lastFailureAtMs }),
          ...(cooldownUntilMs === undefined ? {} : { cooldownUntilMs }),
        };
      }),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

function modelInfo({
  id,
  name,
  provider,
  capabilities,
}: ListModelsResponse["models"][number]): ModelInfo {
  if (capabilities === undefined) return { id, name, provider };
  const {
    supportsTools,
    supportsVision,
    supportsStreaming,
    supportsThinking,
    maxContextTokens,
    maxOutputTokens,
  } = capabilities;
  return {
    id,
    name,
    provider,
    capabilities: {
      supportsTools,
      supportsVision,
      supportsStreaming,
      supportsThinking,
      maxContextTokens,
      maxOutputTokens,
    },
  };
}

function chatRequest({
  model,
  messages,
  tools = [],
  systemPrompt = "",
  temperature,
  maxTokens,
  stopSequences = [],
}: ChatRequest) {
  return {
    model,
    systemPrompt,
    messages: messages.map(({ role, content, toolCallId = "", toolName = "" }) => ({
      role: wireRole(role),
      content,
      toolCallId,
      toolName,
    })),
    tools: tools.map(({ name, description, inputSchema }) => ({
      name,
      description,
      inputSchema: schemaObject(inputSchema),
    })),
    options: {
      stream: true,
      stopSequences: [...stopSequences],
      ...(temperature === undefined ? {} : { temperature }),
      ...(maxTokens === undefined ? {} : { maxTokens }),
    },
    accept: ["failure"],
  };
}

function schemaObject(schema: unknown): Record<string, never> {
  const copy: unknown = structuredClone(schema);
  if (isObject(copy)) return copy;
  throw new TypeError("Cannot offer a tool to a model: its schema is no object");
}

const isObject = (value: unknown): value is Record<string, never> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function wireRole(role: ChatMessage["role"]): Role {
  switch (role) {
    case "user":
      return Role.USER;
    case "assistant":
      return Role.ASSISTANT;
    case "system":
      return Role.SYSTEM;
    case "tool":
      return Role.TOOL;
    default:
      return role satisfies never;
  }
}

function chatEvent({ event }: WireEvent): ChatEvent | undefined {
  switch (event.case) {
    case "textDelta":
      return { kind: "text", text: event.value.text };
    case "toolCall":
      return {
        kind: "tool_call",
        id: event.value.id,
        name: event.value.name,
        arguments: parsedArguments(event.value.arguments),
      };
    case "usage": {
      const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = event.value;
      return {
        kind: "usage",
        usage: { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens },
      };
    }
    case "done":
      return { kind: "done" };
    case "error":
      return { kind: "error", message: event.value };
    case "failure":
      return { kind: "error", message: event.value.message };
    case "thinkingDelta":
    case "stopReason":
    case undefined:
      // Not accepted, or of a later version.
      return undefined;
    default:
      return event satisfies never;
  }
}

function parsedArguments(text: string): ReturnType<typeof JSON.parse> {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw misbehaved("the arguments of a tool call are not JSON", error);
  }
}

const misbehaved = (found: string, cause?: unknown): ProcessHostError =>
  new ProcessHostError("PLUGIN_MISBEHAVED", `Cannot read an answer of the provider: ${found}`, {
    phase: "call",
    cause,
  });
