import type { OutboundMessage } from "./channel.ts";
import type { JsonObject, JsonValue } from "./json.ts";
import type { ChatMessage, ChatOutput, ChatRequest } from "./provider.ts";
import type { ToolOutput } from "./tool.ts";

/** A page of a longer list. */
export interface PageOptions {
  /** Where to go on: what the page before said; the beginning when it is left out. */
  readonly pageToken?: string;
  /** How many at most; the host decides when it is left out. */
  readonly limit?: number;
}

/** A message of a session. */
export interface SessionMessage extends ChatMessage {
  /** Its id. */
  readonly id: string;
  /** When it was said. */
  readonly createdAt?: Date;
}

/** A question to a model of the host. */
export type HostChatRequest = Pick<ChatRequest, "model"> &
  Partial<Omit<ChatRequest, "messages">> & {
    /** The conversation so far. */
    readonly messages: readonly (Pick<ChatMessage, "role" | "content"> & Partial<ChatMessage>)[];
  };

/**
 * What a plugin may ask of its host, which judges each question: in the context of a call as part of that call, and in that of `init` as work
 * of the plugin's own. A question waits for 60 s at most, and not longer than its call. Every function fails with a {@link PluginSdkError}:
 * `CALLBACK_DENIED` when the host does not allow it, `CALLBACK_FAILED` for all else, such as a question that this host does not answer.
 */
export interface Host {
  /** The plugin's own store. */
  readonly kv: {
    /** Reads a value and its version; `undefined` when there is none. */
    get(key: string): Promise<{ readonly value: Uint8Array; readonly version: number } | undefined>;
    /** Writes a value; not stored when `expectedVersion` is given and is not the version there is. */
    put(
      key: string,
      value: Uint8Array,
      options?: { readonly expectedVersion?: number },
    ): Promise<{ readonly stored: boolean; readonly version: number }>;
    /** Deletes a value; answers whether there was one. */
    delete(key: string): Promise<boolean>;
    /** Lists the keys that begin with `prefix`. */
    list(
      prefix: string,
      options?: PageOptions,
    ): Promise<{ readonly keys: readonly string[]; readonly nextPageToken?: string }>;
  };
  /** Reads a value of the plugin's configuration; `undefined` when there is none. */
  readConfig(key: string): Promise<JsonValue | undefined>;
  /** Reads messages of a session. */
  readSession(
    sessionId: string,
    options?: PageOptions,
  ): Promise<{ readonly messages: readonly SessionMessage[]; readonly nextPageToken?: string }>;
  /** Sends a message through a channel. */
  sendMessage(
    message: Pick<OutboundMessage, "channelId" | "content"> & Partial<OutboundMessage>,
  ): Promise<{
    /** The platform's id of the message. */
    readonly platformMessageId: string;
  }>;
  /** Calls a tool by the name that the host gives it. A failure of the tool is one of the callback. */
  callTool(tool: string, input: JsonObject): AsyncIterable<ToolOutput>;
  /** Asks a model. A failure of the model is one of the callback. */
  chat(request: HostChatRequest): AsyncIterable<ChatOutput>;
}
