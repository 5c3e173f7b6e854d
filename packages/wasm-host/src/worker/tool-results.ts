import { GuestStop } from "./failure.ts";
import type { GuestBounds } from "./messages.ts";

/** How a tool ended: with JSON text, or with a failure of its own. */
export type ToolResult =
  | { readonly kind: "completed"; readonly json: string }
  | { readonly kind: "failed"; readonly error: ToolError };

/** A failure that a tool reports, in the guest's words. */
interface ToolError {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly detailsJson: string | undefined;
}

const encoder = new TextEncoder();

/** Bytes of a text in UTF-8. */
export const bytesOf = (text: string): number =>
  text.length > 2 ** 28 ? Infinity : encoder.encode(text).length;

/** Runs a tool. A thrown object that is no error is the tool's own failure. */
export function readToolResult(run: () => unknown, maxBytes: number): ToolResult {
  let value: unknown;
  try {
    value = run();
  } catch (error) {
    // What the engine or the glue throws has the tag of an error, whatever context made it.
    if (Object.prototype.toString.call(error) !== "[object Object]") throw error;
    return readFailure(error, maxBytes);
  }
  if (typeof value !== "string") throw invalid("its result is no text");
  expectSize(value, maxBytes);
  return { kind: "completed", json: value };
}

function readFailure(error: unknown, maxBytes: number): ToolResult {
  const code = field(error, "code");
  const message = field(error, "message");
  const retryable = field(error, "retryable");
  const detailsJson = field(error, "detailsJson");
  if (typeof code !== "string" || typeof message !== "string") throw invalid("its failure is none");
  expectSize(message, maxBytes);
  if (typeof detailsJson === "string") expectSize(detailsJson, maxBytes);
  return {
    kind: "failed",
    error: {
      code,
      message,
      retryable: retryable === true,
      detailsJson: typeof detailsJson === "string" ? detailsJson : undefined,
    },
  };
}

/** Copies the descriptions of tools as plain data of bounded size. */
export function readSurface(value: unknown, bounds: GuestBounds): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid("its description is no list");
  if (value.length > bounds.tools) throw passed("tools");
  let bytes = 0;
  const text = (each: unknown): string | undefined => {
    if (typeof each !== "string") return undefined;
    bytes += bytesOf(each);
    if (bytes > bounds.surface_bytes) throw passed("surface_bytes");
    return each;
  };
  return value.map((tool: unknown) => {
    const annotations = field(tool, "annotations");
    return {
      name: text(field(tool, "name")),
      title: text(field(tool, "title")),
      description: text(field(tool, "description")),
      inputSchemaJson: text(field(tool, "inputSchemaJson")),
      outputSchemaJson: text(field(tool, "outputSchemaJson")),
      annotations:
        annotations === undefined
          ? undefined
          : Object.fromEntries(
              ["readOnly", "destructive", "idempotent", "openWorld"]
                .map((hint) => [hint, field(annotations, hint)])
                .filter(([, claimed]) => typeof claimed === "boolean"),
            ),
    };
  });
}

function expectSize(text: string, maxBytes: number): void {
  if (bytesOf(text) > maxBytes) throw passed("result_bytes");
}

const passed = (limit: "tools" | "surface_bytes" | "result_bytes"): GuestStop =>
  new GuestStop({ code: "LIMIT", phase: "call", limit, text: `it passes the limit ${limit}` });

const invalid = (text: string): GuestStop =>
  new GuestStop({ code: "RESULT_INVALID", phase: "call", text });

const field = (holder: unknown, name: string): unknown =>
  typeof holder === "object" && holder !== null
    ? Object.getOwnPropertyDescriptor(holder, name)?.value
    : undefined;
