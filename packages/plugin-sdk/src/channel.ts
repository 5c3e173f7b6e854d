import type { OperationContext } from "./call-context.ts";

/** A person on a messaging platform. */
export interface ChannelIdentity {
  /** The gateway's id of the person, when the plugin knows it. */
  readonly userId?: string;
  /** The platform's name. */
  readonly platform: string;
  /** The person's id on the platform. */
  readonly platformUserId: string;
  /** What the person is called there. */
  readonly displayName?: string;
}

/** A file that goes with a message. */
export interface ChannelMedia {
  /** Where it can be fetched. */
  readonly url: string;
  /** Its media type. */
  readonly mimeType: string;
  /** Its file name. */
  readonly filename?: string;
  /** Its size in bytes. */
  readonly sizeBytes?: number;
}

/** A message that arrived. */
export interface InboundMessage {
  /** The platform's id of it. */
  readonly messageId: string;
  /** Where on the platform it was said. */
  readonly channelId: string;
  /** Who said it. */
  readonly sender?: ChannelIdentity;
  /** The text. */
  readonly content: string;
  /** The thread it belongs to. */
  readonly threadId?: string;
  /** Files that go with it. */
  readonly media?: readonly ChannelMedia[];
  /** When it was said. */
  readonly timestamp?: Date;
  /** Further facts by name. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A message to be sent. */
export interface OutboundMessage {
  /** Where on the platform it goes. */
  readonly channelId: string;
  /** The text. */
  readonly content: string;
  /** The thread it belongs to; empty outside one. */
  readonly threadId: string;
  /** Files that go with it. */
  readonly media: readonly Required<ChannelMedia>[];
  /** Shows "typing" instead of sending text. */
  readonly typingIndicator: boolean;
  /** The message it answers; empty when it answers none. */
  readonly replyToMessageId: string;
  /** The same for a message that is sent again; empty when the host does not tell. */
  readonly idempotencyKey: string;
}

/** What people on the other side see of the gateway. */
export type Presence = "online" | "typing" | "offline";

/** What a platform can carry; what is left out it cannot. */
export interface ChannelCapabilities {
  /** Files. */
  readonly supportsMedia?: boolean;
  /** Reactions to messages. */
  readonly supportsReactions?: boolean;
  /** Threads. */
  readonly supportsThreads?: boolean;
  /** Messages that change after they were sent. */
  readonly supportsEditing?: boolean;
  /** A sign that somebody types. */
  readonly supportsTyping?: boolean;
  /** Voice. */
  readonly supportsVoice?: boolean;
  /** Marked-up text. */
  readonly supportsRichText?: boolean;
  /** Characters of a message at most. */
  readonly maxMessageLength?: number;
  /** Media types that it takes. */
  readonly mediaTypes?: readonly string[];
}

/**
 * A messaging platform. A `PluginFailure` that one of its functions throws reaches the host with its words, any other error with the
 * name of its class alone.
 */
export interface ChannelOptions {
  /** What the platform can carry. */
  readonly capabilities?: ChannelCapabilities;
  /** Yields messages as they arrive, until the signal aborts. A slow reader slows it. */
  inbound(context: OperationContext): AsyncIterable<InboundMessage>;
  /** Sends a message and answers the platform's id of it. */
  send(
    message: OutboundMessage,
    context: OperationContext,
  ): Promise<{
    /** The platform's id of the message. */
    readonly platformMessageId: string;
  }>;
  /** Shows a presence; hosts are told that the channel has none when it is left out. */
  presence?(channelId: string, status: Presence, context: OperationContext): Promise<void>;
  /** Looks a person up; hosts are told that the channel cannot when it is left out. */
  identity?(platformUserId: string, context: OperationContext): Promise<ChannelIdentity>;
}

/** A channel that {@link defineChannel} made. */
export interface Channel extends ChannelOptions {
  /** Tells it from a provider. */
  readonly kind: "channel";
}

/**
 * Defines the channel of a plugin.
 *
 * @throws TypeError when a function is missing or is none
 */
export function defineChannel(options: ChannelOptions): Channel {
  for (const name of ["inbound", "send"] as const) {
    if (typeof options[name] !== "function") refuse(`${name} is no function`);
  }
  for (const name of ["presence", "identity"] as const) {
    if (!["function", "undefined"].includes(typeof options[name])) refuse(`${name} is no function`);
  }
  const channel: Channel = Object.freeze({ ...options, kind: "channel" });
  defined.add(channel);
  return channel;
}

/** Answers whether `value` was made by {@link defineChannel}. */
export const isChannel = (value: unknown): value is Channel =>
  typeof value === "object" && value !== null && defined.has(value);

const defined = new WeakSet<object>();

function refuse(found: string): never {
  throw new TypeError(`Cannot define a channel: ${found}`);
}
