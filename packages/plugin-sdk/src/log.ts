import { inspect } from "node:util";
import { LIMITS } from "@sigilrt/protocol";

/** Facts of a log line by name. An `Error` is written with its stack and its causes; what JSON cannot hold is written as its type. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Writes structured lines for the host's log, on the real error stream. It never throws; a line above 64 KiB loses fields and says
 * so with a field `truncated`.
 */
export interface Log {
  /** Tells something of use to the author alone. */
  debug(message: string, fields?: LogFields): void;
  /** Tells that something usual happened. */
  info(message: string, fields?: LogFields): void;
  /** Tells that something is wrong and work goes on. */
  warn(message: string, fields?: LogFields): void;
  /** Tells that something failed. */
  error(message: string, fields?: LogFields): void;
}

/** Where the lines go. */
export interface LogSink {
  /** Takes one line with its break. */
  write(line: string): void;
  /** Bytes that were taken and nobody has read. */
  pending(): number;
}

/** Lines are dropped while this much waits for a host that does not read. */
const MAX_PENDING_BYTES = 1_048_576;
/** Escaped, this many characters still fit into a line. */
const MAX_MESSAGE_CHARACTERS = 8192;

/** Makes a log whose lines carry `module`. */
export function createLog(module: string, sink: LogSink, now: () => Date): Log {
  let dropped = 0;
  const write = (level: string, message: string, fields: LogFields): void => {
    if (sink.pending() > MAX_PENDING_BYTES) {
      dropped += 1;
      return;
    }
    const before = dropped;
    dropped = 0;
    const lost = before === 0 ? {} : { dropped_lines: before };
    sink.write(logLine({ level, message, module, at: now() }, { ...fields, ...lost }));
  };
  return Object.freeze({
    debug: (message: string, fields: LogFields = {}) => write("debug", message, fields),
    info: (message: string, fields: LogFields = {}) => write("info", message, fields),
    warn: (message: string, fields: LogFields = {}) => write("warn", message, fields),
    error: (message: string, fields: LogFields = {}) => write("error", message, fields),
  });
}

interface LineHead {
  readonly level: string;
  readonly message: string;
  readonly module: string;
  readonly at: Date;
}

function logLine({ level, message, module, at }: LineHead, fields: LogFields): string {
  const parts = [
    member("@level", JSON.stringify(level)),
    member("@message", JSON.stringify(message.slice(0, MAX_MESSAGE_CHARACTERS))),
    member("@module", JSON.stringify(module)),
    // Go hosts read exactly six digits of a second.
    member("@timestamp", JSON.stringify(at.toISOString().replace("Z", "000Z"))),
  ];
  const mark = member("truncated", "true");
  let size = parts.reduce((sum, part) => sum + Buffer.byteLength(part) + 1, mark.length + 3);
  let truncated = message.length > MAX_MESSAGE_CHARACTERS;
  for (const [name, value] of Object.entries(fields)) {
    // A field named "@level" would otherwise rule over the line's own.
    const part = member(name.replace(/^@/u, ""), jsonOf(value));
    size += Buffer.byteLength(part) + 1;
    if (size > LIMITS.logLineBytes || parts.length >= LIMITS.logFields) {
      truncated = true;
      break;
    }
    parts.push(part);
  }
  if (truncated) parts.push(mark);
  return `{${parts.join(",")}}\n`;
}

const member = (name: string, json: string): string => `${JSON.stringify(name)}:${json}`;

function jsonOf(value: unknown): string {
  try {
    if (value instanceof Error) return JSON.stringify(inspect(value));
    return JSON.stringify(value) ?? JSON.stringify(typeof value);
  } catch {
    // A cycle, a BigInt, or an accessor that throws.
    return JSON.stringify(typeof value);
  }
}
