import type { HostCallOptions, JsonValue, OfferedTool, Waiting } from "./plugin-host.ts";

/** A person on a messaging platform. */
export interface UserIdentity {
  /** The gateway's id of the person, when it is known. */
  readonly userId: string;
  /** The platform's name. */
  readonly platform: string;
  /** The person's id on the platform. */
  readonly platformUserId: string;
  /** What the person is called there. */
  readonly displayName: string;
}

/** A file that goes with a message. */
export interface MediaAttachment {
  /** Where it can be fetched. */
  readonly url: string;
  /** Its media type. */
  readonly mimeType: string;
  /** Its file name. */
  readonly filename: string;
  /** Its size in bytes. */
  readonly sizeBytes: number;
}

/** A message that arrived on a channel. Everything in it is a claim of the plugin. */
export interface InboundMessage {
  /** The platform's id of the message. */
  readonly messageId: string;
  /** Where on the platform it was said. */
  readonly channelId: string;
  /** Who said it; absent when the plugin does not tell. */
  readonly sender?: UserIdentity;
  /** The text. */
  readonly content: string;
  /** The thread it belongs to; empty outside one. */
  readonly threadId: string;
  /** Files that go with it. */
  readonly media: readonly MediaAttachment[];
  /** When it was said, in milliseconds since the epoch. */
  readonly timestampMs?: number;
  /** Further facts by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A message to be sent on a channel. */
export interface OutboundMessage {
  /** Where on the platform it goes. */
  readonly channelId: string;
  /** The text. */
  readonly content: string;
  /** The thread it belongs to. */
  readonly threadId?: string;
  /** Files that go with it. */
  readonly media?: readonly MediaAttachment[];
  /** Shows "typing" instead of sending text. */
  readonly typingIndicator?: true;
  /** The message it answers. */
  readonly replyToMessageId?: string;
  /** Lets a plugin recognise a repeated message. */
  readonly idempotencyKey?: string;
}

/** What the platform said of a sent message. */
export interface SendReceipt {
  /** The platform's id of the message. */
  readonly platformMessageId: string;
}

/** What a person on the other side sees of the gateway. */
export type Presence = "online" | "typing" | "offline";

/** The channel service of a plugin, bound to one principal. */
export interface ChannelHandle extends AsyncDisposable {
  /** Tells the handles apart. */
  readonly kind: "channel";
  /** Messages as they arrive; pulled, with one reader at a time. Leaving the loop ends the stream. */
  inbound(options: Waiting): AsyncIterable<InboundMessage>;
  /** Sends a message. @throws {@link LifecycleError} any code but `START_FAILED` */
  send(message: OutboundMessage, options: HostCallOptions): Promise<SendReceipt>;
  /** Shows a presence in a channel. @throws {@link LifecycleError} any code but `START_FAILED` */
  presence(channelId: string, status: Presence, options: HostCallOptions): Promise<void>;
  /** Looks a person up. @throws {@link LifecycleError} any code but `START_FAILED` */
  identity(platformUserId: string, options: HostCallOptions): Promise<UserIdentity>;
}

/** A model that a provider serves. */
export interface ModelInfo {
  /** Its id in requests. */
  readonly id: string;
  /** Its name for people. */
  readonly name: string;
  /** Who serves it. */
  readonly provider: string;
  /** What it can do and how much it takes; absent when the provider does not tell. */
  readonly capabilities?: {
    /** Calls tools. */
    readonly supportsTools: boolean;
    /** Reads images. */
    readonly supportsVision: boolean;
    /** Answers piece by piece. */
    readonly supportsStreaming: boolean;
    /** Shows its thinking. */
    readonly supportsThinking: boolean;
    /** Tokens it can read. */
    readonly maxContextTokens: number;
    /** Tokens it can write. */
    readonly maxOutputTokens: number;
  };
}

/** One turn of a conversation with a model. */
export interface ChatMessage {
  /** Who speaks. */
  readonly role: "user" | "assistant" | "system" | "tool";
  /** The text. */
  readonly content: string;
  /** The tool call this answers, for role `tool`. */
  readonly toolCallId?: string;
  /** The tool that answered, for role `tool`. */
  readonly toolName?: string;
}

/** A question to a model. */
export interface ChatRequest {
  /** The model's id. */
  readonly model: string;
  /** The conversation so far. */
  readonly messages: readonly ChatMessage[];
  /** Tools the model may ask for. */
  readonly tools?: readonly OfferedTool[];
  /** What the model is told first. */
  readonly systemPrompt?: string;
  /** Sampling temperature. */
  readonly temperature?: number;
  /** Tokens to write at most. */
  readonly maxTokens?: number;
  /** Texts that end the answer. */
  readonly stopSequences?: readonly string[];
}

/** What a model's answer cost, in tokens. */
export interface TokenUsage {
  /** Tokens read. */
  readonly inputTokens: number;
  /** Tokens written. */
  readonly outputTokens: number;
  /** Tokens read from a cache. */
  readonly cacheReadTokens: number;
  /** Tokens written to a cache. */
  readonly cacheWriteTokens: number;
}

/** A piece of a model's answer; `done` or `error` ends it. */
export type ChatEvent =
  | {
      /** A piece of text. */
      readonly kind: "text";
      /** The piece. */
      readonly text: string;
    }
  | {
      /** The model asks for a tool. */
      readonly kind: "tool_call";
      /** Names the call. */
      readonly id: string;
      /** The tool. */
      readonly name: string;
      /** Its arguments. */
      readonly arguments: JsonValue;
    }
  | {
      /** What it cost. */
      readonly kind: "usage";
      /** The count. */
      readonly usage: TokenUsage;
    }
  | {
      /** The answer is complete. */
      readonly kind: "done";
    }
  | {
      /** The answer failed. */
      readonly kind: "error";
      /** The provider's words. */
      readonly message: string;
    };

/** How a provider is. */
export interface ProviderStatus {
  /** Whether it takes requests. */
  readonly available: boolean;
  /** Who serves it. */
  readonly provider: string;
  /** Its own words. */
  readonly message: string;
  /** Failures in a row. */
  readonly failureCount: number;
  /** The last failure, in milliseconds since the epoch. */
  readonly lastFailureAtMs?: number;
  /** When it takes requests again, in milliseconds since the epoch. */
  readonly cooldownUntilMs?: number;
}

/** The provider service of a plugin, bound to one principal. */
export interface ProviderHandle extends AsyncDisposable {
  /** Tells the handles apart. */
  readonly kind: "provider";
  /** Lists its models. @throws {@link LifecycleError} any code but `START_FAILED` */
  models(options: HostCallOptions): Promise<readonly ModelInfo[]>;
  /** Asks a model. Pulled; leaving the loop cancels. @throws {@link LifecycleError} while iterating */
  chat(request: ChatRequest, options: HostCallOptions): AsyncIterable<ChatEvent>;
  /** Asks how it is. @throws {@link LifecycleError} any code but `START_FAILED` */
  status(options: HostCallOptions): Promise<ProviderStatus>;
}

/** A service that a plugin serves beside tools. */
export type ServiceHandle = ChannelHandle | ProviderHandle;
