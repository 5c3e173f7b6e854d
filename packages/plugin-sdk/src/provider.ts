import type { OperationContext } from "./call-context.ts";
import type { JsonObject, JsonValue } from "./json.ts";

/** A model. */
export interface Model {
  /** Its id in requests. */
  readonly id: string;
  /** Its name for people. */
  readonly name: string;
  /** Who serves it. */
  readonly provider: string;
  /** What it can do, and how much it takes. */
  readonly capabilities?: {
    /** Calls tools. */
    readonly supportsTools?: boolean;
    /** Reads images. */
    readonly supportsVision?: boolean;
    /** Answers piece by piece. */
    readonly supportsStreaming?: boolean;
    /** Shows its thinking. */
    readonly supportsThinking?: boolean;
    /** Tokens it can read. */
    readonly maxContextTokens?: number;
    /** Tokens it can write. */
    readonly maxOutputTokens?: number;
  };
}

/** One turn of a conversation. */
export interface ChatMessage {
  /** Who speaks. */
  readonly role: "user" | "assistant" | "system" | "tool";
  /** The text. */
  readonly content: string;
  /** The tool call that it answers, for role `tool`; else empty. */
  readonly toolCallId: string;
  /** The tool that answered, for role `tool`; else empty. */
  readonly toolName: string;
}

/** A question to a model. */
export interface ChatRequest {
  /** The model's id. */
  readonly model: string;
  /** The conversation so far. */
  readonly messages: readonly ChatMessage[];
  /** Tools that the model may ask for. */
  readonly tools: readonly {
    /** The name. */
    readonly name: string;
    /** What it does. */
    readonly description: string;
    /** JSON Schema of its arguments. */
    readonly inputSchema: JsonObject;
  }[];
  /** What the model is told first; empty when there is nothing. */
  readonly systemPrompt: string;
  /** Sampling temperature; 0 when the host says nothing. */
  readonly temperature: number;
  /** Tokens to write at most; 0 when the host says nothing. */
  readonly maxTokens: number;
  /** Texts that end the answer. */
  readonly stopSequences: readonly string[];
}

/** One piece of a model's answer. The answer is done when the iterable ends. */
export type ChatOutput =
  | {
      /** A piece of text. */
      readonly text: string;
    }
  | {
      /** A piece of its thinking; dropped for a host that takes none. */
      readonly thinking: string;
    }
  | {
      /** The model asks for a tool. */
      readonly toolCall: {
        /** Names the call. */
        readonly id: string;
        /** The tool. */
        readonly name: string;
        /** Its arguments. */
        readonly arguments: JsonValue;
      };
    }
  | {
      /** What the answer cost, in tokens. */
      readonly usage: {
        /** Tokens read. */
        readonly inputTokens: number;
        /** Tokens written. */
        readonly outputTokens: number;
        /** Tokens read from a cache. */
        readonly cacheReadTokens?: number;
        /** Tokens written to a cache. */
        readonly cacheWriteTokens?: number;
      };
    };

/** How a provider is. */
export interface ProviderStatus {
  /** Whether it takes requests. */
  readonly available: boolean;
  /** A word about it. */
  readonly message?: string;
  /** Failures in a row. */
  readonly failureCount?: number;
  /** The last failure. */
  readonly lastFailureAt?: Date;
  /** When it takes requests again. */
  readonly cooldownUntil?: Date;
}

/**
 * Access to models. A `PluginFailure` that one of its functions throws reaches the host with its words, any other error with the name
 * of its class alone.
 */
export interface ProviderOptions {
  /** Lists the models. */
  models(context: OperationContext): Promise<readonly Model[]> | readonly Model[];
  /** Asks a model. The signal aborts when nobody waits for the answer any more. */
  chat(request: ChatRequest, context: OperationContext): AsyncIterable<ChatOutput>;
  /** Says how the provider is; available when it is left out. */
  status?(context: OperationContext): Promise<ProviderStatus> | ProviderStatus;
}

/** A provider that {@link defineProvider} made. */
export interface Provider extends ProviderOptions {
  /** Tells it from a channel. */
  readonly kind: "provider";
}

/**
 * Defines the provider of a plugin.
 *
 * @throws TypeError when a function is missing or is none
 */
export function defineProvider(options: ProviderOptions): Provider {
  for (const name of ["models", "chat"] as const) {
    if (typeof options[name] !== "function") refuse(`${name} is no function`);
  }
  if (!["function", "undefined"].includes(typeof options.status)) refuse("status is no function");
  const provider: Provider = Object.freeze({ ...options, kind: "provider" });
  defined.add(provider);
  return provider;
}

/** Answers whether `value` was made by {@link defineProvider}. */
export const isProvider = (value: unknown): value is Provider =>
  typeof value === "object" && value !== null && defined.has(value);

const defined = new WeakSet<object>();

function refuse(found: string): never {
  throw new TypeError(`Cannot define a provider: ${found}`);
}
