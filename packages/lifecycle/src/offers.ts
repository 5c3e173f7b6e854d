import type { JsonValue } from "./plugin-host.ts";

/** One argument of a prompt. */
export interface PromptArgument {
  /** Its name. */
  readonly name: string;
  /** What it is for, in the plugin's words. */
  readonly description?: string;
  /** Whether the prompt needs it. */
  readonly required?: boolean;
}

/** A prompt as a plugin offers it. All of it is the plugin's text. */
export interface OfferedPrompt {
  /** Its name within the plugin. */
  readonly name: string;
  /** A short name for people. */
  readonly title?: string;
  /** What it is for. */
  readonly description?: string;
  /** What it is filled in with. */
  readonly arguments?: readonly PromptArgument[];
}

/** A resource as a plugin offers it, or a template of such. All of it is the plugin's text. */
export interface OfferedResource {
  /** Where it is: a URI, or a URI template of RFC 6570. */
  readonly uri: string;
  /** Its name. */
  readonly name: string;
  /** A short name for people. */
  readonly title?: string;
  /** What it holds. */
  readonly description?: string;
  /** Its media type. */
  readonly mimeType?: string;
  /** Bytes of its content. */
  readonly size?: number;
}

/** What a plugin offers beside tools: claims, each of which is decided about before it is shown and before it is read. */
export interface Offers {
  /** Prompts, in the plugin's order. */
  readonly prompts: readonly OfferedPrompt[];
  /** Resources that it lists. */
  readonly resources: readonly OfferedResource[];
  /** Templates of resources that it does not list one by one. */
  readonly templates: readonly OfferedResource[];
}

/** One question for a prompt or a resource, already decided. */
export interface HostAsk {
  /** What is asked for. */
  readonly kind: "prompt" | "resource";
  /** The prompt's name, or the resource's URI. */
  readonly name: string;
  /** The arguments of a prompt. */
  readonly arguments: Readonly<Record<string, JsonValue>>;
  /** Asks for ways to complete one argument instead. */
  readonly completing?: Completing;
}

/** The argument that is to be completed, of a prompt or of a template. */
export interface Completing {
  /** The argument. */
  readonly argument: string;
  /** What was typed so far. */
  readonly value: string;
}

/** What a plugin answers to a {@link HostAsk}. */
export interface HostAnswer {
  /** Whether the plugin says that it has no such thing, or that it is asked wrongly. */
  readonly isError: boolean;
  /** The result of the plugin's protocol; JSON of the plugin's making. */
  readonly value: JsonValue;
}

/** A line of a plugin's own log, meant for who called it. */
export interface LogNote {
  /** How grave it is, in the words of RFC 5424. */
  readonly level:
    | "debug"
    | "info"
    | "notice"
    | "warning"
    | "error"
    | "critical"
    | "alert"
    | "emergency";
  /** Which part of the plugin says it. */
  readonly logger?: string;
  /** What it says. */
  readonly data: JsonValue;
}
