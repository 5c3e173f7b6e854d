import type { Readable } from "node:stream";
import type { Clock } from "@sigilrt/lifecycle";
import { LIMITS, type LogLine, parseLogLine, startsPanic } from "@sigilrt/protocol";
import { createBoundedRing } from "./bounded-ring.ts";

/** One line that a plugin wrote to its error stream. Everything but `receivedAt` and `dropped` is a claim of the plugin. */
export interface LogRecord extends LogLine {
  /** When the host received it, in milliseconds since the epoch. */
  readonly receivedAt: number;
  /** How many lines before it were dropped, because they came too fast or nobody read. */
  readonly dropped: number;
}

/** A piece of what a plugin printed after its handshake. */
export interface StdioChunk {
  /** The stream it was printed to. */
  readonly stream: "stdout" | "stderr";
  /** The bytes. */
  readonly data: Uint8Array;
  /** How many pieces before it were dropped because nobody read. */
  readonly dropped: number;
}

/** Reads the error stream of a plugin, whether or not anybody listens. */
export interface LogDrain {
  /** The lines, newest kept. */
  readonly logs: AsyncIterable<LogRecord>;
  /** Settles when the stream has ended; never rejects. */
  readonly ended: Promise<void>;
  /** The end of the stream as text, at most 8 KiB. */
  tail(): string;
  /** Adds a line of the host's own. */
  note(message: string): void;
}

/** Starts reading `stream`. `secrets` are replaced in every line before anything else sees it. */
export function drainLogs(stream: Readable, clock: Clock, secrets: readonly string[]): LogDrain {
  const ring = createBoundedRing<Omit<LogRecord, "dropped">>(LIMITS.logLinesPerSecond, () => 1);
  const hidden = secrets.filter((secret) => secret.length >= 4);
  let tail = "";
  let panicked = false;
  let second = 0;
  let linesInSecond = 0;
  let skipped = 0;

  const take = (bytes: Uint8Array, cut: boolean): void => {
    const receivedAt = clock.now();
    if (Math.floor(receivedAt / 1000) !== second) {
      second = Math.floor(receivedAt / 1000);
      linesInSecond = 0;
    }
    linesInSecond += 1;
    let text = new TextDecoder().decode(bytes);
    for (const secret of hidden) text = text.replaceAll(secret, "[secret]");
    tail = `${tail}${text}\n`.slice(-LIMITS.stderrTailBytes);
    panicked ||= startsPanic(text);
    if (linesInSecond > LIMITS.logLinesPerSecond) {
      skipped += 1;
      return;
    }
    const line = parseLogLine(text, { panicked });
    ring.push({ ...line, truncated: line.truncated || cut, receivedAt });
  };
  const ended = splitLines(stream, LIMITS.logLineBytes, take).then(() => ring.end());

  async function* logs(): AsyncGenerator<LogRecord, void, undefined> {
    for await (const { item, dropped } of ring.items) {
      const lost = dropped + skipped;
      skipped = 0;
      yield Object.freeze({ ...item, dropped: lost });
    }
  }
  return {
    logs: { [Symbol.asyncIterator]: logs },
    ended,
    tail: () => tail,
    note: (message) =>
      ring.push({
        level: "warn",
        message,
        fields: Object.freeze({}),
        truncated: false,
        receivedAt: clock.now(),
      }),
  };
}

/** Calls `take` with each line, without its break; of a longer one only the first `maxBytes`. Settles at the end; never rejects. */
export async function splitLines(
  stream: AsyncIterable<Uint8Array>,
  maxBytes: number,
  take: (line: Uint8Array, cut: boolean) => void,
): Promise<void> {
  let held: Uint8Array[] = [];
  let size = 0;
  let cut = false;
  const keep = (bytes: Uint8Array): void => {
    const room = Math.max(0, maxBytes - size);
    cut ||= bytes.byteLength > room;
    if (room > 0 && bytes.byteLength > 0) held.push(bytes.subarray(0, room));
    size += Math.min(room, bytes.byteLength);
  };
  const flush = (): void => {
    take(Buffer.concat(held), cut);
    held = [];
    size = 0;
    cut = false;
  };
  try {
    for await (const chunk of stream) {
      let rest = chunk;
      for (let at = rest.indexOf(10); at !== -1; at = rest.indexOf(10)) {
        keep(rest.subarray(0, at));
        flush();
        rest = rest.subarray(at + 1);
      }
      keep(rest);
    }
  } catch {
    // A pipe that breaks is a pipe that ended.
  }
  if (size > 0) flush();
}
