import { type FieldValue, boundedValue } from "./field-value.ts";
import { LIMITS } from "./limits.ts";

/** How important a log line is. */
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error";

/** One line of a plugin's error stream. Everything in it is a claim of the plugin; frozen. */
export interface LogLine {
  /** Its importance; `debug` when the line does not say. */
  readonly level: LogLevel;
  /** The text; empty when a structured line has none. */
  readonly message: string;
  /** The plugin's own time, as it wrote it. */
  readonly timestamp?: string;
  /** The part of the plugin that speaks. */
  readonly module?: string;
  /** The place in the plugin's source. */
  readonly caller?: string;
  /** Further facts by name. The object has no prototype. */
  readonly fields: Readonly<Record<string, FieldValue>>;
  /** Something of the line was too much and is missing. */
  readonly truncated: boolean;
}

/** What came before a line. */
export interface LogLineOptions {
  /** An earlier line was a {@link startsPanic | panic}, so the rest is an error. */
  readonly panicked?: boolean;
}

/**
 * Reads one line of a plugin's error stream. Total: every input gives a record, and it never throws. A key of an unexpected type
 * keeps its value as a field, and the default takes its place.
 */
export function parseLogLine(line: string | Uint8Array, options: LogLineOptions = {}): LogLine {
  const { text, truncated } = bounded(line);
  const object = structured(text);
  if (object !== undefined) return structuredLine(object, truncated);
  const prefix = PREFIX.exec(text);
  const level = prefix?.[1] === undefined ? undefined : levelOf(prefix[1]);
  const rest = level === undefined ? text : text.slice(prefix?.[0].length).trimStart();
  const failing = options.panicked === true || startsPanic(text);
  return Object.freeze({
    level: failing ? "error" : (level ?? "debug"),
    message: failing ? text : rest,
    fields: noFields,
    truncated,
  });
}

/** Tells whether a line begins the last words of a Go program; from there on every line is an error. */
export function startsPanic(line: string): boolean {
  return line.startsWith("panic: ") || line.startsWith("fatal error: ");
}

/** Writes a line for a terminal or a file: one line, with control characters escaped, so that it can pretend to be nothing else. */
export function renderLogLine(line: LogLine): string {
  const fields = Object.entries(line.fields).map(
    ([name, value]) => ` ${name}=${JSON.stringify(value)}`,
  );
  const text = `${line.level.toUpperCase()} ${line.message}${fields.join("")}`;
  // oxlint-disable-next-line no-control-regex -- control characters are what is escaped
  const unsafe = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;
  return text.replaceAll(
    unsafe,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const PREFIX = /^\[(TRACE|DEBUG|INFO|WARN|ERROR)\]/u;

const noFields: Readonly<Record<string, FieldValue>> = Object.freeze(Object.create(null));

function bounded(line: string | Uint8Array): {
  readonly text: string;
  readonly truncated: boolean;
} {
  const size = line.length;
  const truncated = size > LIMITS.logLineBytes;
  const kept =
    typeof line === "string"
      ? line.slice(0, LIMITS.logLineBytes)
      : line.subarray(0, LIMITS.logLineBytes);
  const text = typeof kept === "string" ? kept : new TextDecoder().decode(kept);
  return { text: text.replace(/\r?\n$/u, ""), truncated };
}

function structured(text: string): object | undefined {
  if (!text.trimStart().startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    return ["@message", "@level", "@timestamp"].some((key) => Object.hasOwn(value, key))
      ? value
      : undefined;
  } catch {
    return undefined;
  }
}

function structuredLine(object: object, cut: boolean): LogLine {
  const fields: Record<string, FieldValue> = Object.create(null);
  const known = new Map<string, string>();
  let count = 0;
  let truncated = cut;
  for (const [key, value] of Object.entries(object)) {
    if (typeof value === "string" && isKnown(key, value)) {
      known.set(key, value);
    } else if (count >= LIMITS.logFields) {
      truncated = true;
    } else {
      count += 1;
      const kept = boundedValue(value);
      fields[key] = kept.value;
      truncated ||= kept.truncated;
    }
  }
  const timestamp = known.get("@timestamp");
  const module = known.get("@module");
  const caller = known.get("@caller");
  return Object.freeze({
    level: levelOf(known.get("@level") ?? "") ?? "debug",
    message: known.get("@message") ?? "",
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(module === undefined ? {} : { module }),
    ...(caller === undefined ? {} : { caller }),
    fields: Object.freeze(fields),
    truncated,
  });
}

const isKnown = (key: string, value: string): boolean =>
  key === "@level"
    ? levelOf(value) !== undefined
    : ["@message", "@timestamp", "@module", "@caller"].includes(key);

function levelOf(text: string): LogLevel | undefined {
  switch (text.toLowerCase()) {
    case "trace":
      return "trace";
    case "debug":
      return "debug";
    case "info":
      return "info";
    case "warn":
      return "warn";
    case "error":
      return "error";
    default:
      return undefined;
  }
}
