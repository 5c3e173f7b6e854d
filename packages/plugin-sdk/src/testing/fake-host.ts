import { fromJson, toJson } from "@bufbuild/protobuf";
import { StructSchema, timestampFromDate, ValueSchema } from "@bufbuild/protobuf/wkt";
import { ProtocolError, STATUS } from "@sigilrt/protocol";
import { Role } from "@sigilrt/protocol/common/v1";
import { type Route, serverMethod, streamRoute, unaryRoute } from "@sigilrt/protocol/node";
import { HostCallbacks } from "@sigilrt/protocol/plugin/v1";
import type { Host, SessionMessage } from "../host.ts";
import { chatRequest, wireEvent } from "../provider-routes.ts";
import { PluginSdkError } from "../plugin-sdk-error.ts";
import { createResultChunks } from "../result-chunks.ts";

/**
 * What a tested plugin's host answers, in the words in which the plugin asks. What is left out is not answered; a function that throws a
 * `PluginSdkError` with code `CALLBACK_DENIED` denies.
 */
export type FakeHost = Partial<Omit<Host, "kv">> & {
  /** The plugin's own store. */
  readonly kv?: Partial<Host["kv"]>;
};

const { method: wire } = HostCallbacks;

/** Serves the answers of a fake host at the numbers of the contract. */
export function fakeHostRoutes(host: FakeHost): readonly (Route | undefined)[] {
  const { kv = {}, readConfig, readSession, sendMessage, callTool, chat } = host;
  const routes = [
    kv.get &&
      unaryRoute(serverMethod(wire.kvGet), async ({ key }) => {
        const found = await answered(async () => await kv.get?.(key));
        if (found === undefined) return { found: false };
        const value = Uint8Array.from(found.value);
        return { found: true, value, version: BigInt(found.version) };
      }),
    kv.put &&
      unaryRoute(serverMethod(wire.kvPut), async ({ key, value, expectedVersion }) => {
        const options =
          expectedVersion === undefined ? {} : { expectedVersion: Number(expectedVersion) };
        const put = await answered(async () => await kv.put?.(key, value, options));
        return { stored: put?.stored === true, version: BigInt(put?.version ?? 0) };
      }),
    kv.delete &&
      unaryRoute(serverMethod(wire.kvDelete), async ({ key }) => ({
        deleted: (await answered(async () => await kv.delete?.(key))) === true,
      })),
    kv.list &&
      unaryRoute(serverMethod(wire.kvList), async ({ prefix, pageToken, limit }) => {
        const page = await answered(async () => await kv.list?.(prefix, { pageToken, limit }));
        return { keys: [...(page?.keys ?? [])], nextPageToken: page?.nextPageToken ?? "" };
      }),
    readConfig &&
      unaryRoute(serverMethod(wire.readConfig), async ({ key }) => {
        const value = await answered(async () => await readConfig(key));
        if (value === undefined) return { found: false };
        return { found: true, value: fromJson(ValueSchema, JSON.parse(JSON.stringify(value))) };
      }),
    readSession &&
      unaryRoute(serverMethod(wire.readSession), async ({ sessionId, pageToken, limit }) => {
        const page = await answered(async () => await readSession(sessionId, { pageToken, limit }));
        return {
          nextPageToken: page.nextPageToken ?? "",
          messages: page.messages.map(wireSaid),
        };
      }),
    sendMessage &&
      unaryRoute(serverMethod(wire.sendMessage), async ({ send }) => {
        const { channelId = "", content = "", threadId = "", replyToMessageId = "" } = send ?? {};
        const message = { channelId, content, threadId, replyToMessageId };
        const { platformMessageId } = await answered(async () => await sendMessage(message));
        return { ok: true, platformMessageId };
      }),
    callTool &&
      streamRoute(serverMethod(wire.callTool), async function* ({ call }) {
        const chunks = createResultChunks(new Set(call?.accept));
        const struct = fromJson(StructSchema, JSON.parse(call?.arguments ?? "{}"));
        try {
          for await (const output of callTool(call?.toolName ?? "", toJson(StructSchema, struct))) {
            yield* chunks.output(output).chunks;
          }
        } catch (error) {
          throw wireFailure(error);
        }
        yield chunks.done();
      }),
    chat &&
      streamRoute(serverMethod(wire.chat), async function* ({ chat: asked }) {
        if (asked === undefined) throw wireFailure(undefined);
        const accept = new Set(asked.accept);
        try {
          for await (const output of chat(chatRequest(asked))) {
            const event = wireEvent(output, accept);
            if (event) yield { event };
          }
        } catch (error) {
          throw wireFailure(error);
        }
        yield { event: { case: "done" as const, value: true } };
      }),
  ];
  return routes;
}

const wireSaid = ({ role, createdAt, ...message }: SessionMessage) => ({
  ...message,
  role: ROLES[role],
  ...(createdAt === undefined ? {} : { createdAt: timestampFromDate(createdAt) }),
});

async function answered<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw wireFailure(error);
  }
}

/** As a real host: one word, and nothing of what stands behind it. */
function wireFailure(error: unknown): ProtocolError {
  const isDenied = error instanceof PluginSdkError && error.code === "CALLBACK_DENIED";
  return isDenied
    ? new ProtocolError("CALL_FAILED", "denied", { status: STATUS.PERMISSION_DENIED })
    : new ProtocolError("CALL_FAILED", "failed", { status: STATUS.INTERNAL });
}

const ROLES = {
  user: Role.USER,
  assistant: Role.ASSISTANT,
  system: Role.SYSTEM,
  tool: Role.TOOL,
} as const;
