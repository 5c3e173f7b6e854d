import { Role } from "@sigilrt/protocol/common/v1";
import { type Route, serverMethod, streamRoute, unaryRoute } from "@sigilrt/protocol/node";
import {
  type ChatRequest as WireRequest,
  Provider as ProviderService,
} from "@sigilrt/protocol/plugin/v1";
import { failedCall, failureIn, type Gate, operationContext } from "./operation.ts";
import type { JsonObject } from "./json.ts";
import type { ChatMessage, ChatOutput, ChatRequest, Model, Provider } from "./provider.ts";
import type { ServedPlugin } from "./served-plugin.ts";
import { instantOf } from "./wire-instant.ts";

/** Serves `Provider`. */
export function providerRoutes(
  served: ServedPlugin,
  provider: Provider,
  gate: Gate,
): readonly Route[] {
  const { name } = served.plugin;
  return [
    unaryRoute(serverMethod(ProviderService.method.listModels), async (_, route) => {
      const running = gate.enter("", route);
      try {
        const models = await provider.models(operationContext(served, route, running));
        return { models: models.map(wireModel) };
      } catch (error) {
        throw failedCall(failureIn(error, "models", served));
      } finally {
        running.end();
      }
    }),
    streamRoute(serverMethod(ProviderService.method.chat), async function* (request, route) {
      const running = gate.enter(request.callId, route);
      const accept = new Set(request.accept);
      try {
        const context = operationContext(served, route, running);
        for await (const output of provider.chat(chatRequest(request), context)) {
          const event = wireEvent(output, accept);
          if (event) yield { event };
        }
        yield { event: { case: "done" as const, value: true } };
      } catch (error) {
        const failure = failureIn(error, "chat", served);
        yield accept.has("failure")
          ? { event: { case: "failure" as const, value: failure } }
          : { event: { case: "error" as const, value: failure.message } };
      } finally {
        running.end();
      }
    }),
    unaryRoute(serverMethod(ProviderService.method.status), async (_, route) => {
      const running = gate.enter("", route);
      try {
        const asked = await provider.status?.(operationContext(served, route, running));
        const { available, message = "", failureCount = 0 } = asked ?? { available: true };
        const { lastFailureAt, cooldownUntil } = asked ?? {};
        return {
          available,
          message,
          provider: name,
          failureCount: BigInt(failureCount),
          ...(lastFailureAt === undefined ? {} : { lastFailureAt: instantOf(lastFailureAt) }),
          ...(cooldownUntil === undefined ? {} : { cooldownUntil: instantOf(cooldownUntil) }),
        };
      } catch (error) {
        throw failedCall(failureIn(error, "status", served));
      } finally {
        running.end();
      }
    }),
  ];
}

const wireModel = ({ id, name, provider, capabilities }: Model) => ({
  id,
  name,
  provider,
  ...(capabilities === undefined ? {} : { capabilities: { ...capabilities } }),
});

/** A piece for the wire; `undefined` for an addition that the host does not read. */
export function wireEvent(output: ChatOutput, accept: ReadonlySet<string>) {
  if ("text" in output) return { case: "textDelta" as const, value: { text: output.text } };
  if ("toolCall" in output) {
    const { id, name, arguments: args } = output.toolCall;
    return { case: "toolCall" as const, value: { id, name, arguments: JSON.stringify(args) } };
  }
  if ("usage" in output) {
    const { inputTokens, outputTokens, cacheReadTokens = 0, cacheWriteTokens = 0 } = output.usage;
    return {
      case: "usage" as const,
      value: { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens },
    };
  }
  return accept.has("thinking_delta")
    ? { case: "thinkingDelta" as const, value: { text: output.thinking } }
    : undefined;
}

/** Reads a question to a model. */
export function chatRequest(request: WireRequest): ChatRequest {
  const { model, messages, tools, systemPrompt, options } = request;
  return Object.freeze({
    model,
    systemPrompt,
    messages: messages.map(({ role, content, toolCallId, toolName }) => ({
      // A role of a later version is somebody who asks.
      role: roles.get(role) ?? "user",
      content,
      toolCallId,
      toolName,
    })),
    tools: tools.map(({ name, description, inputSchema }) => ({
      name,
      description,
      inputSchema: objectOf(inputSchema),
    })),
    temperature: options?.temperature ?? 0,
    maxTokens: options?.maxTokens ?? 0,
    stopSequences: options?.stopSequences ?? [],
  });
}

const objectOf = (value: JsonObject | undefined): JsonObject => value ?? {};

const roles: ReadonlyMap<Role, ChatMessage["role"]> = new Map([
  [Role.USER, "user"],
  [Role.ASSISTANT, "assistant"],
  [Role.SYSTEM, "system"],
  [Role.TOOL, "tool"],
]);
