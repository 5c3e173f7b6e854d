import { STATUS } from "@sigilrt/protocol";
import { type Route, serverMethod, streamRoute, unaryRoute } from "@sigilrt/protocol/node";
import {
  ChannelProfile,
  Channel as ChannelService,
  type MediaAttachment,
  PresenceStatus,
  type SendRequest,
} from "@sigilrt/protocol/plugin/v1";
import type {
  Channel,
  ChannelIdentity,
  ChannelMedia,
  InboundMessage,
  OutboundMessage,
  Presence,
} from "./channel.ts";
import { failedCall, failureIn, type Gate, operationContext, refused } from "./operation.ts";
import type { ServedPlugin } from "./served-plugin.ts";
import { instantOf } from "./wire-instant.ts";

/** Serves `Channel`. */
export function channelRoutes(
  served: ServedPlugin,
  channel: Channel,
  gate: Gate,
): readonly Route[] {
  return [
    unaryRoute(serverMethod(ChannelProfile.method.describe), async () => {
      const { mediaTypes = [], ...supported } = channel.capabilities ?? {};
      return { ...supported, mediaTypes: [...mediaTypes] };
    }),
    streamRoute(serverMethod(ChannelService.method.start), async function* (_, route) {
      const running = gate.enter("", route);
      try {
        for await (const message of channel.inbound(operationContext(served, route, running))) {
          yield wireInbound(message);
        }
      } catch (error) {
        throw failedCall(failureIn(error, "inbound", served));
      } finally {
        running.end();
      }
    }),
    unaryRoute(serverMethod(ChannelService.method.send), async (request, route) => {
      const running = gate.enter(request.callId, route);
      try {
        const context = operationContext(served, route, running);
        const { platformMessageId } = await channel.send(outboundMessage(request), context);
        return { ok: true, platformMessageId };
      } catch (error) {
        const failure = failureIn(error, "send", served);
        return { ok: false, error: failure.message, failure };
      } finally {
        running.end();
      }
    }),
    unaryRoute(serverMethod(ChannelService.method.updatePresence), async (request, route) => {
      if (channel.presence === undefined)
        throw refused(STATUS.UNIMPLEMENTED, "this channel has no presence");
      const running = gate.enter("", route);
      try {
        const status = presenceOf(request.status);
        const context = operationContext(served, route, running);
        await channel.presence(request.channelId, status, context);
        return { ok: true };
      } catch (error) {
        throw failedCall(failureIn(error, "presence", served));
      } finally {
        running.end();
      }
    }),
    unaryRoute(serverMethod(ChannelService.method.getIdentity), async (request, route) => {
      if (channel.identity === undefined)
        throw refused(STATUS.UNIMPLEMENTED, "this channel looks nobody up");
      const running = gate.enter("", route);
      try {
        const context = operationContext(served, route, running);
        return wireIdentity(await channel.identity(request.platformUserId, context));
      } catch (error) {
        throw failedCall(failureIn(error, "identity", served));
      } finally {
        running.end();
      }
    }),
  ];
}

function wireInbound(message: InboundMessage) {
  const { messageId, channelId, content, threadId = "", sender, media = [] } = message;
  const { timestamp, metadata = {} } = message;
  return {
    messageId,
    channelId,
    content,
    threadId,
    media: media.map(wireMedia),
    metadata: { ...metadata },
    ...(sender === undefined ? {} : { sender: wireIdentity(sender) }),
    ...(timestamp === undefined ? {} : { timestamp: instantOf(timestamp) }),
  };
}

const wireIdentity = ({
  userId = "",
  platform,
  platformUserId,
  displayName = "",
}: ChannelIdentity) => ({ userId, platform, platformUserId, displayName });

const wireMedia = ({ url, mimeType, filename = "", sizeBytes = 0 }: ChannelMedia) => ({
  url,
  mimeType,
  filename,
  sizeBytes: BigInt(sizeBytes),
});

function outboundMessage(request: SendRequest): OutboundMessage {
  const { channelId, content, threadId, typingIndicator } = request;
  const { replyToMessageId, idempotencyKey, media } = request;
  return Object.freeze({
    channelId,
    content,
    threadId,
    typingIndicator,
    replyToMessageId,
    idempotencyKey,
    media: media.map(mediaOf),
  });
}

const mediaOf = ({ url, mimeType, filename, sizeBytes }: MediaAttachment) => ({
  url,
  mimeType,
  filename,
  sizeBytes: Number(sizeBytes),
});

const presences: ReadonlyMap<PresenceStatus, Presence> = new Map([
  [PresenceStatus.ONLINE, "online"],
  [PresenceStatus.TYPING, "typing"],
  [PresenceStatus.OFFLINE, "offline"],
]);

function presenceOf(status: PresenceStatus): Presence {
  const presence = presences.get(status);
  if (presence !== undefined) return presence;
  throw refused(STATUS.INVALID_ARGUMENT, "no presence that this version knows is named");
}
