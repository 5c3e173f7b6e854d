import type { InstanceIdentity, JsonValue } from "@sigilrt/lifecycle";
import { ProtocolError, STATUS } from "@sigilrt/protocol";
import {
  type Route,
  type RouteContext,
  serverMethod,
  streamRoute,
  unaryRoute,
} from "@sigilrt/protocol/node";
import { HostCallbacks as CallbackService } from "@sigilrt/protocol/plugin/v1";
import {
  chatRequestOf,
  outboundOf,
  wireChunks,
  wireEvent,
  wireSessionMessage,
} from "./callback-messages.ts";
import type { CallbackContext, HostCallbacks } from "./host-callbacks.ts";
import { toValue } from "./json.ts";
import { ProcessHostError } from "./process-host-error.ts";
import type { RunningCallIds } from "./running-call-ids.ts";

interface AskingPlugin {
  readonly id: string;
  readonly identity?: InstanceIdentity | undefined;
  readonly calls: RunningCallIds;
}

const { method: methods } = CallbackService;
/** Longer keys, names and tokens are malformed. */
const MAX_NAME_CHARACTERS = 1024;

/** Serves `callbacks` to one plugin, whose connection alone says who asks. What is left out of them is not served. */
export function callbackRoutes(callbacks: HostCallbacks, plugin: AskingPlugin): readonly Route[] {
  const { kvGet, kvPut, kvDelete, kvList, readConfig, readSession } = callbacks;
  const { sendMessage, callTool, chat } = callbacks;
  const admit = (callId: string, route: RouteContext): CallbackContext =>
    admitted(plugin, callId, route);
  const routes: readonly (Route | undefined)[] = [
    kvGet &&
      unaryRoute(serverMethod(methods.kvGet), ({ callId, key }, route) =>
        answered(async () => {
          const found = await kvGet({ key: named(key) }, admit(callId, route));
          if (found === undefined) return { found: false };
          return {
            found: true,
            value: Uint8Array.from(found.value),
            version: BigInt(found.version),
          };
        }),
      ),
    kvPut &&
      unaryRoute(serverMethod(methods.kvPut), (request, route) =>
        answered(async () => {
          const { callId, key, value, expectedVersion } = request;
          const expected =
            expectedVersion === undefined ? {} : { expectedVersion: whole(expectedVersion) };
          const put = { key: named(key), value: Uint8Array.from(value), ...expected };
          const { stored, version } = await kvPut(put, admit(callId, route));
          return { stored, version: BigInt(version) };
        }),
      ),
    kvDelete &&
      unaryRoute(serverMethod(methods.kvDelete), ({ callId, key }, route) =>
        answered(async () => ({
          deleted: await kvDelete({ key: named(key) }, admit(callId, route)),
        })),
      ),
    kvList &&
      unaryRoute(serverMethod(methods.kvList), ({ callId, prefix, pageToken, limit }, route) =>
        answered(async () => {
          const request = { prefix: short(prefix), pageToken: short(pageToken), limit };
          const page = await kvList(request, admit(callId, route));
          return { keys: [...page.keys], nextPageToken: page.nextPageToken ?? "" };
        }),
      ),
    readConfig &&
      unaryRoute(serverMethod(methods.readConfig), ({ callId, key }, route) =>
        answered(async () => {
          const value = await readConfig({ key: named(key) }, admit(callId, route));
          return value === undefined ? { found: false } : { found: true, value: toValue(value) };
        }),
      ),
    readSession &&
      unaryRoute(serverMethod(methods.readSession), (request, route) =>
        answered(async () => {
          const { callId, sessionId, pageToken, limit } = request;
          const asked = { sessionId: named(sessionId), pageToken: short(pageToken), limit };
          const page = await readSession(asked, admit(callId, route));
          return {
            nextPageToken: page.nextPageToken ?? "",
            messages: page.messages.map((message) => wireSessionMessage(message, sessionId)),
          };
        }),
      ),
    sendMessage &&
      unaryRoute(serverMethod(methods.sendMessage), ({ callId, send }, route) =>
        answered(async () => {
          const message = outboundOf(send ?? malformed());
          named(message.channelId);
          const receipt = await sendMessage(message, admit(callId, route));
          return { ok: true, platformMessageId: receipt.platformMessageId };
        }),
      ),
    callTool &&
      streamRoute(serverMethod(methods.callTool), ({ callId, call }, route) =>
        answering(async function* () {
          const { toolName, arguments: text, accept } = call ?? malformed();
          const request = { tool: named(toolName), arguments: argumentsOf(text) };
          const taken = new Set(accept);
          for await (const chunk of callTool(request, admit(callId, route))) {
            yield* wireChunks(chunk, taken);
          }
        }),
      ),
    chat &&
      streamRoute(serverMethod(methods.chat), ({ callId, chat: asked }, route) =>
        answering(async function* () {
          const request = chatRequestOf(asked ?? malformed());
          for await (const event of chat(request, admit(callId, route))) {
            yield wireEvent(event);
          }
        }),
      ),
  ];
  return routes.filter((route) => route !== undefined);
}

function admitted(plugin: AskingPlugin, callId: string, route: RouteContext): CallbackContext {
  const { id, identity, calls } = plugin;
  const { timeoutMs } = route;
  const running = callId === "" ? undefined : calls.signalOf(callId);
  // Confused deputy: a call of another plugin, or one that has ended, must lend this one no rights.
  if (callId !== "" && running === undefined) {
    throw new ProcessHostError("CALLBACK_DENIED", "Cannot serve a callback: no such call runs", {
      phase: "call",
    });
  }
  const signal = running ? AbortSignal.any([route.signal, running]) : route.signal;
  return Object.freeze({
    id,
    signal,
    ...(identity === undefined ? {} : { identity }),
    ...(callId === "" ? {} : { requestId: callId }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
}

async function answered<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw wireFailure(error);
  }
}

async function* answering<T>(work: () => AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  try {
    yield* work();
  } catch (error) {
    throw wireFailure(error);
  }
}

/** One word: what stands behind a refusal or a failure is nothing for a plugin to read. */
function wireFailure(error: unknown): ProtocolError {
  const code = error instanceof ProcessHostError ? error.code : undefined;
  if (code === "CALLBACK_DENIED") return failed("denied", STATUS.PERMISSION_DENIED);
  if (code === "CALLBACK_MALFORMED") return failed("malformed", STATUS.INVALID_ARGUMENT);
  return failed("failed", STATUS.INTERNAL);
}

const failed = (word: string, status: number): ProtocolError =>
  new ProtocolError("CALL_FAILED", word, { status });

function malformed(): never {
  throw new ProcessHostError("CALLBACK_MALFORMED", "Cannot serve a callback: it is malformed", {
    phase: "call",
  });
}

const short = (text: string): string => (text.length > MAX_NAME_CHARACTERS ? malformed() : text);
const named = (text: string): string => (text === "" ? malformed() : short(text));

const whole = (version: bigint): number =>
  version > BigInt(Number.MAX_SAFE_INTEGER) ? malformed() : Number(version);

function argumentsOf(text: string): Readonly<Record<string, JsonValue>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text === "" ? "{}" : text);
  } catch {
    return malformed();
  }
  return isObject(parsed) ? parsed : malformed();
}

const isObject = (value: unknown): value is Readonly<Record<string, JsonValue>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
