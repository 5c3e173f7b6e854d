import type { ChannelHandle, Clock, InboundMessage, Presence } from "@sigilrt/lifecycle";
import { type InboundMessage as WireInbound, PresenceStatus } from "@sigilrt/protocol/plugin/v1";
import { type Connection, contractError, contractual, wireOptions } from "./connection.ts";
import { instantMs } from "./instant.ts";
import { methods } from "./methods.ts";
import { ProcessHostError } from "./process-host-error.ts";

/** The channel service of a plugin. */
export function channelHandle(connection: Connection, clock: Clock): ChannelHandle {
  const closing = new AbortController();
  return {
    kind: "channel",
    async *inbound({ signal }) {
      const both = AbortSignal.any([closing.signal, ...(signal === undefined ? [] : [signal])]);
      try {
        for await (const message of connection.stream(methods.channelStart, {}, { signal: both })) {
          yield inboundMessage(message);
        }
      } catch (error) {
        throw contractError(error);
      }
    },
    send: (message, options) =>
      contractual(async () => {
        const media = (message.media ?? []).map(({ url, mimeType, filename, sizeBytes }) => ({
          url,
          mimeType,
          filename,
          sizeBytes: BigInt(sizeBytes),
        }));
        const answer = await connection.unary(
          methods.channelSend,
          { ...message, media },
          wireOptions(options, clock.now()),
        );
        if (!answer.ok) throw refused(answer.failure?.message ?? answer.error);
        return { platformMessageId: answer.platformMessageId };
      }),
    presence: (channelId, status, options) =>
      contractual(async () => {
        const request = { channelId, status: presenceStatus(status) };
        const { ok } = await connection.unary(
          methods.channelPresence,
          request,
          wireOptions(options, clock.now()),
        );
        if (!ok) throw refused("presence was not taken");
      }),
    identity: (platformUserId, options) =>
      contractual(async () => {
        const found = await connection.unary(
          methods.channelIdentity,
          { platformUserId },
          wireOptions(options, clock.now()),
        );
        const { userId, platform, displayName } = found;
        return { userId, platform, platformUserId: found.platformUserId, displayName };
      }),
    [Symbol.asyncDispose]: async () => closing.abort(),
  };
}

function inboundMessage(message: WireInbound): InboundMessage {
  const { messageId, channelId, sender, content, threadId, media, timestamp, metadata } = message;
  const timestampMs = instantMs(timestamp);
  return {
    messageId,
    channelId,
    content,
    threadId,
    media: media.map(({ url, mimeType, filename, sizeBytes }) => ({
      url,
      mimeType,
      filename,
      sizeBytes: Number(sizeBytes),
    })),
    metadata,
    ...(timestampMs === undefined ? {} : { timestampMs }),
    ...(sender === undefined
      ? {}
      : {
          sender: {
            userId: sender.userId,
            platform: sender.platform,
            platformUserId: sender.platformUserId,
            displayName: sender.displayName,
          },
        }),
  };
}

function presenceStatus(presence: Presence): PresenceStatus {
  switch (presence) {
    case "online":
      return PresenceStatus.ONLINE;
    case "typing":
      return PresenceStatus.TYPING;
    case "offline":
      return PresenceStatus.OFFLINE;
    default:
      return presence satisfies never;
  }
}

const refused = (words: string): ProcessHostError =>
  new ProcessHostError(
    "CALL_FAILED",
    `Cannot use the channel: the plugin answered ${JSON.stringify(words.slice(0, 200))}`,
    { phase: "call" },
  );
