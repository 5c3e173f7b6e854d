import type { CallContext } from "./call-context.ts";
import { frozenJsonObject, type JsonObject, type JsonValue } from "./json.ts";
import { PluginFailure } from "./plugin-failure.ts";

/** One piece of a tool's answer. */
export type ToolOutput =
  | {
      /** Words. */
      readonly text: string;
    }
  | {
      /** The result as data; at most one in an answer, its containers at most 48 deep. A host that takes none gets it as JSON text. */
      readonly structured: JsonValue;
    }
  | {
      /** A file. A host that takes none gets an error in its place. */
      readonly binary: {
        /** Its media type, such as `image/png`. */
        readonly mimeType: string;
        /** A name for it. */
        readonly name?: string;
        /** Its bytes. They are not to change until the call has ended. */
        readonly data: Uint8Array;
      };
    };

/** Claims about a tool. They may add a question to the user; they never grant. */
export interface ToolAnnotations {
  /** It changes nothing. */
  readonly readOnly?: boolean;
  /** It may destroy something. */
  readonly destructive?: boolean;
  /** Calling it twice does what calling it once does. */
  readonly idempotent?: boolean;
  /** It reaches beyond the machine. */
  readonly openWorld?: boolean;
}

/** A JSON Schema whose `type` is `"object"`. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What makes a tool. */
export interface ToolOptions<I> {
  /** Its name, 1 to 128 of `A-Z a-z 0-9 _ . -`; unique in its plugin. */
  readonly name: string;
  /** A name for people. */
  readonly title?: string;
  /** What it does, for whoever decides to call it. */
  readonly description: string;
  /** The schema of its arguments. */
  readonly input: JsonSchema;
  /** The schema of its structured result. */
  readonly output?: JsonSchema;
  /** Claims about it. */
  readonly annotations?: ToolAnnotations;
  /**
   * Turns the arguments, an object from outside, into what `run` takes. When it throws, the call fails as `invalid_arguments` and the
   * caller reads the message.
   */
  readonly parse: (input: unknown) => I;
  /** Does the work. A thrown `PluginFailure` reaches the caller; any other error only by the name of its class. */
  run(input: I, context: CallContext): AsyncIterable<ToolOutput>;
}

/** A checked tool, made by {@link defineTool}. Frozen. */
export interface Tool {
  /** Its name. */
  readonly name: string;
  /** A name for people. */
  readonly title?: string;
  /** What it does. */
  readonly description: string;
  /** The schema of its arguments. */
  readonly input: JsonObject;
  /** The schema of its structured result. */
  readonly output?: JsonObject;
  /** Claims about it. */
  readonly annotations?: ToolAnnotations;
  /**
   * Parses `input` and does the work, as a host would have it; for tests without a host.
   *
   * @throws {@link PluginFailure} `invalid_arguments`, while iterating
   */
  run(input: unknown, context: CallContext): AsyncIterable<ToolOutput>;
}

/**
 * Checks what makes a tool.
 *
 * @throws TypeError when the name is malformed, the description is empty, `parse` or `run` is no function, an annotation is no
 * boolean, or a schema is no JSON object with `type: "object"`
 */
export function defineTool<I>(options: ToolOptions<I>): Tool {
  const { name, title, description, annotations } = options;
  if (typeof name !== "string" || !NAME.test(name)) {
    throw new TypeError(
      `Cannot define tool ${JSON.stringify(name)}: a name is 1 to 128 of A-Z a-z 0-9 _ . -`,
    );
  }
  const refuse = (found: string): never => {
    throw new TypeError(`Cannot define tool ${JSON.stringify(name)}: ${found}`);
  };
  if (typeof description !== "string" || description === "") refuse("it has no description");
  if (title !== undefined && typeof title !== "string") refuse("its title is no text");
  if (typeof options.parse !== "function") refuse("parse is no function");
  if (typeof options.run !== "function") refuse("run is no function");
  for (const [claim, value] of Object.entries(annotations ?? {})) {
    if (!CLAIMS.has(claim)) refuse(`no annotation is named ${JSON.stringify(claim)}`);
    if (typeof value !== "boolean") refuse(`annotation ${claim} is neither true nor false`);
  }
  const tool: Tool = Object.freeze({
    name,
    description,
    input: schemaOf(options.input) ?? refuse('input is no JSON object with type: "object"'),
    ...(title === undefined ? {} : { title }),
    ...(options.output === undefined
      ? {}
      : {
          output:
            schemaOf(options.output) ?? refuse('output is no JSON object with type: "object"'),
        }),
    ...(annotations === undefined ? {} : { annotations: Object.freeze({ ...annotations }) }),
    async *run(input: unknown, context: CallContext) {
      yield* options.run(parsed(options, input), context);
    },
  });
  defined.add(tool);
  return tool;
}

/** Answers whether `value` was made by {@link defineTool}. */
export const isTool = (value: unknown): value is Tool =>
  typeof value === "object" && value !== null && defined.has(value);

const defined = new WeakSet<object>();

const NAME = /^[A-Za-z0-9_.-]{1,128}$/u;
const CLAIMS: ReadonlySet<string> = new Set(["readOnly", "destructive", "idempotent", "openWorld"]);

function schemaOf(schema: unknown): JsonObject | undefined {
  try {
    const copy = frozenJsonObject(schema);
    return copy?.["type"] === "object" ? copy : undefined;
  } catch {
    // A cycle or a BigInt is nothing that JSON holds.
    return undefined;
  }
}

function parsed<I>({ parse }: ToolOptions<I>, input: unknown): I {
  try {
    return parse(input);
  } catch (error) {
    if (error instanceof PluginFailure) throw error;
    const why = error instanceof Error ? error.message : "the arguments are not what it takes";
    throw new PluginFailure("invalid_arguments", why, { cause: error });
  }
}
