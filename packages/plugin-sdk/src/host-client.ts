import { toJson } from "@bufbuild/protobuf";
import { timestampDate, type Value, ValueSchema } from "@bufbuild/protobuf/wkt";
import { ProtocolError, STATUS } from "@sigilrt/protocol";
import { type Message as WireMessage, Role } from "@sigilrt/protocol/common/v1";
import {
  clientMethod,
  type GrpcBroker,
  type GrpcCallOptions,
  type GrpcChannel,
  openGrpcChannel,
} from "@sigilrt/protocol/node";
import { HostCallbacks } from "@sigilrt/protocol/plugin/v1";
import type { Host, SessionMessage } from "./host.ts";
import { callToolOutputs, chatOutputs, wireChat, wireMessage } from "./host-messages.ts";
import type { JsonValue } from "./json.ts";
import { PluginSdkError } from "./plugin-sdk-error.ts";
import type { ChatMessage } from "./provider.ts";

/** Answers what one call may ask the host; without an id it is work of the plugin's own. */
export type HostFor = (callId: string, signal?: AbortSignal) => Host;

const { method: wire } = HostCallbacks;
const methods = {
  kvGet: clientMethod(wire.kvGet),
  kvPut: clientMethod(wire.kvPut),
  kvDelete: clientMethod(wire.kvDelete),
  kvList: clientMethod(wire.kvList),
  readConfig: clientMethod(wire.readConfig),
  readSession: clientMethod(wire.readSession),
  sendMessage: clientMethod(wire.sendMessage),
  callTool: clientMethod(wire.callTool),
  chat: clientMethod(wire.chat),
};

const CONNECT_MS = 5000;
const TIMEOUT_MS = 60_000;

/** What a question travels by. */
export type HostCalls = Pick<GrpcChannel, "unary" | "stream">;

/** Connects to the callbacks of the host, which it serves behind a broker id. Throws a {@link ProtocolError}. */
export async function dialHost(broker: GrpcBroker, id: number): Promise<HostCalls> {
  const signal = AbortSignal.timeout(CONNECT_MS);
  const stream = await broker.dial(id, { signal });
  return await openGrpcChannel(async () => stream, { signal });
}

/** Answers how calls ask the host over `channel`. */
export function openHost(channel: HostCalls): HostFor {
  return (callId, callSignal) => hostOf(channel, callId, callSignal);
}

function hostOf(channel: HostCalls, callId: string, signal: AbortSignal | undefined): Host {
  const options: GrpcCallOptions = {
    timeoutMs: TIMEOUT_MS,
    ...(signal === undefined ? {} : { signal }),
  };
  return Object.freeze({
    kv: Object.freeze({
      get: (key: string) =>
        asked(async () => {
          const got = await channel.unary(methods.kvGet, { callId, key }, options);
          if (!got.found) return undefined;
          return { value: Uint8Array.from(got.value), version: Number(got.version) };
        }),
      put: (key: string, value: Uint8Array, { expectedVersion }: PutOptions = {}) =>
        asked(async () => {
          const expected =
            expectedVersion === undefined ? {} : { expectedVersion: BigInt(expectedVersion) };
          const request = { callId, key, value: Uint8Array.from(value), ...expected };
          const { stored, version } = await channel.unary(methods.kvPut, request, options);
          return { stored, version: Number(version) };
        }),
      delete: (key: string) =>
        asked(async () => {
          const { deleted } = await channel.unary(methods.kvDelete, { callId, key }, options);
          return deleted;
        }),
      list: (prefix: string, page = {}) =>
        asked(async () => {
          const { keys, nextPageToken } = await channel.unary(
            methods.kvList,
            { callId, prefix, ...page },
            options,
          );
          return { keys, ...next(nextPageToken) };
        }),
    }),
    readConfig: (key) =>
      asked(async () => {
        const { found, value } = await channel.unary(methods.readConfig, { callId, key }, options);
        return found ? jsonOf(value) : undefined;
      }),
    readSession: (sessionId, page = {}) =>
      asked(async () => {
        const { messages, nextPageToken } = await channel.unary(
          methods.readSession,
          { callId, sessionId, ...page },
          options,
        );
        return {
          messages: messages.map(sessionMessage),
          ...next(nextPageToken),
        };
      }),
    sendMessage: (message) =>
      asked(async () => {
        const send = wireMessage(message);
        const answer = await channel.unary(methods.sendMessage, { callId, send }, options);
        if (!answer.ok) throw failed(answer.failure?.message ?? answer.error);
        return { platformMessageId: answer.platformMessageId };
      }),
    callTool: (toolName, input) =>
      asking(() => {
        const accept = ["structured", "binary", "failure"];
        const call = { toolName, arguments: JSON.stringify(input), accept };
        return callToolOutputs(channel.stream(methods.callTool, { callId, call }, options));
      }),
    chat: (request) =>
      asking(() => {
        const chat = wireChat(request);
        return chatOutputs(channel.stream(methods.chat, { callId, chat }, options));
      }),
  } satisfies Host);
}

interface PutOptions {
  readonly expectedVersion?: number;
}

async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw callbackError(error);
  }
}

async function* asking<T>(work: () => AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  try {
    yield* work();
  } catch (error) {
    throw callbackError(error);
  }
}

function callbackError(error: unknown): unknown {
  if (!(error instanceof ProtocolError)) return error;
  if (error.status !== STATUS.PERMISSION_DENIED) return failed(error.message, error);
  return new PluginSdkError("CALLBACK_DENIED", "Cannot ask the host: it does not allow this", {
    cause: error,
  });
}

const failed = (found: string, cause?: unknown): PluginSdkError =>
  new PluginSdkError("CALLBACK_FAILED", `Cannot get an answer of the host: ${found}`, { cause });

const next = (token: string): { readonly nextPageToken?: string } =>
  token === "" ? {} : { nextPageToken: token };

const jsonOf = (value: Value | undefined): JsonValue =>
  value === undefined ? null : toJson(ValueSchema, value);

function sessionMessage(message: WireMessage): SessionMessage {
  const { id, role, content, toolCallId, toolName, createdAt } = message;
  return {
    id,
    role: ROLES.get(role) ?? "user",
    content,
    toolCallId,
    toolName,
    ...(createdAt === undefined ? {} : { createdAt: timestampDate(createdAt) }),
  };
}

const ROLES: ReadonlyMap<Role, ChatMessage["role"]> = new Map([
  [Role.USER, "user"],
  [Role.ASSISTANT, "assistant"],
  [Role.SYSTEM, "system"],
  [Role.TOOL, "tool"],
]);
