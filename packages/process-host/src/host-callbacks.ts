import type {
  CallChunk,
  ChatEvent,
  ChatMessage,
  ChatRequest,
  InstanceIdentity,
  JsonValue,
  OutboundMessage,
  SendReceipt,
} from "@sigilrt/lifecycle";

/** Who asks, and for which call. What the plugin itself says of that is not in it. */
export interface CallbackContext {
  /** The id that the caller of `start` or `launch` gave the plugin. */
  readonly id: string;
  /** Which instance it is, when `start` began it. */
  readonly identity?: InstanceIdentity;
  /** The running call of this plugin that it asks for; absent for work of its own, which its own grants judge. */
  readonly requestId?: string;
  /** Aborts when the plugin no longer waits, the call that it asks for has ended, or the plugin is gone. */
  readonly signal: AbortSignal;
  /** Time the plugin gives the callback, in milliseconds, when it says so. */
  readonly timeoutMs?: number;
}

/** A message of a session. */
export interface SessionMessage extends ChatMessage {
  /** Its id. */
  readonly id: string;
  /** When it was said, in milliseconds since the epoch. */
  readonly createdAtMs?: number;
}

/**
 * What plugins may ask of the host; a plugin that asks for what is left out reads `UNIMPLEMENTED`. The host carries these calls and
 * decides nothing: each callback judges for itself. It refuses with a {@link ProcessHostError} `CALLBACK_DENIED` or
 * `CALLBACK_MALFORMED`, of which the plugin reads one word, as of any other failure.
 */
export interface HostCallbacks {
  /** Reads a value of the plugin's own store; `undefined` when there is none. */
  readonly kvGet?: (
    request: { readonly key: string },
    context: CallbackContext,
  ) => Promise<{ readonly value: Uint8Array; readonly version: number } | undefined>;
  /** Writes a value; not stored when the version is not the expected one. */
  readonly kvPut?: (
    request: {
      readonly key: string;
      readonly value: Uint8Array;
      readonly expectedVersion?: number;
    },
    context: CallbackContext,
  ) => Promise<{ readonly stored: boolean; readonly version: number }>;
  /** Deletes a value; answers whether there was one. */
  readonly kvDelete?: (
    request: { readonly key: string },
    context: CallbackContext,
  ) => Promise<boolean>;
  /** Lists keys, page by page. */
  readonly kvList?: (
    request: { readonly prefix: string; readonly pageToken: string; readonly limit: number },
    context: CallbackContext,
  ) => Promise<{ readonly keys: readonly string[]; readonly nextPageToken?: string }>;
  /** Reads a value of the plugin's configuration; `undefined` when there is none. */
  readonly readConfig?: (
    request: { readonly key: string },
    context: CallbackContext,
  ) => Promise<JsonValue | undefined>;
  /** Reads messages of a session, page by page. */
  readonly readSession?: (
    request: { readonly sessionId: string; readonly pageToken: string; readonly limit: number },
    context: CallbackContext,
  ) => Promise<{ readonly messages: readonly SessionMessage[]; readonly nextPageToken?: string }>;
  /** Sends a message through a channel. */
  readonly sendMessage?: (
    message: OutboundMessage,
    context: CallbackContext,
  ) => Promise<SendReceipt>;
  /** Calls a tool. */
  readonly callTool?: (
    request: { readonly tool: string; readonly arguments: Readonly<Record<string, JsonValue>> },
    context: CallbackContext,
  ) => AsyncIterable<CallChunk>;
  /** Asks a model. */
  readonly chat?: (request: ChatRequest, context: CallbackContext) => AsyncIterable<ChatEvent>;
}
