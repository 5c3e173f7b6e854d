import { readJson } from "./text.ts";
import { WasmError } from "./wasm-error.ts";

/** What a tool claims of itself; hints that may add a question and never grant. */
export interface ToolAnnotations {
  /** It only reads. */
  readonly readOnly?: boolean;
  /** It destroys something. */
  readonly destructive?: boolean;
  /** Twice is once. */
  readonly idempotent?: boolean;
  /** It talks to the world outside. */
  readonly openWorld?: boolean;
}

/** One tool as a component describes it. The texts named `Json` are JSON, at most 64 deep. */
export interface ToolDescription {
  /** Its name within the plugin. */
  readonly name: string;
  /** A short name for people. */
  readonly title?: string;
  /** What it does, in the guest's words. */
  readonly description: string;
  /** JSON Schema of its arguments. */
  readonly inputSchemaJson: string;
  /** JSON Schema of its result. */
  readonly outputSchemaJson?: string;
  /** What it claims of itself. */
  readonly annotations?: ToolAnnotations;
}

/** Reads what a guest described. @throws {@link WasmError} `RESULT_INVALID` */
export function readSurface(surface: unknown): readonly ToolDescription[] {
  if (!Array.isArray(surface)) throw invalid();
  const tools = surface.map(readTool);
  if (new Set(tools.map(({ name }) => name)).size !== tools.length) throw invalid();
  return Object.freeze(tools);
}

function readTool(tool: unknown): ToolDescription {
  const text = (name: string): string | undefined => {
    const value = field(tool, name);
    if (value === undefined || typeof value === "string") return value;
    throw invalid();
  };
  const json = (name: string): string | undefined => {
    const value = text(name);
    if (value !== undefined && readJson(value) === undefined) throw invalid();
    return value;
  };
  const name = text("name");
  const description = text("description");
  const inputSchemaJson = json("inputSchemaJson");
  if (name === undefined || description === undefined || inputSchemaJson === undefined) {
    throw invalid();
  }
  const title = text("title");
  const outputSchemaJson = json("outputSchemaJson");
  const annotations = readAnnotations(field(tool, "annotations"));
  return Object.freeze({
    name,
    description,
    inputSchemaJson,
    ...(title === undefined ? {} : { title }),
    ...(outputSchemaJson === undefined ? {} : { outputSchemaJson }),
    ...(annotations === undefined ? {} : { annotations }),
  });
}

function readAnnotations(claimed: unknown): ToolAnnotations | undefined {
  if (claimed === undefined) return undefined;
  const hint = (name: keyof ToolAnnotations): ToolAnnotations => {
    const value = field(claimed, name);
    return typeof value === "boolean" ? { [name]: value } : {};
  };
  return Object.freeze({
    ...hint("readOnly"),
    ...hint("destructive"),
    ...hint("idempotent"),
    ...hint("openWorld"),
  });
}

const invalid = (): WasmError =>
  new WasmError(
    "RESULT_INVALID",
    "call",
    "Cannot read the tools of a guest: a description is not of the world's type; mend the guest",
  );

const field = (holder: unknown, name: string): unknown =>
  typeof holder === "object" && holder !== null
    ? Object.getOwnPropertyDescriptor(holder, name)?.value
    : undefined;
