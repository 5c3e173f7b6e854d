import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import type { Transport } from "@modelcontextprotocol/client";
import { McpHostError } from "./mcp-host-error.ts";

type Message = Parameters<Transport["send"]>[0];

/** Line limits of one connection. */
export interface LineLimits {
  /** Bytes of one line; 8 MiB. */
  readonly lineBytes: number;
  /** Lines that are no JSON, before and between messages; 64. */
  readonly strayLines: number;
  /** Containers inside each other; 64. */
  readonly depth: number;
  /** Answers to nothing that was asked; at the third the connection ends. */
  readonly foreignResponses: number;
}

/** What holds unless told otherwise. */
export const LINE_LIMITS: LineLimits = Object.freeze({
  lineBytes: 8 * 1_048_576,
  strayLines: 64,
  depth: 64,
  foreignResponses: 3,
});

const LF = 0x0a;

/**
 * Newline-delimited JSON over the standard streams of a hostile program. Every line is sized before it is parsed; a fault ends the
 * connection, and `fault` says which.
 */
export class LineTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: Message) => void;
  /** Why the connection ended, when the server is at fault. */
  fault: McpHostError | undefined;
  readonly #stdin: Writable;
  readonly #stdout: Readable;
  readonly #limits: LineLimits;
  readonly #asked = new Set<string | number>();
  #parts: Buffer[] = [];
  #held = 0;
  #stray = 0;
  #foreign = 0;
  #closed = false;
  /** Answers that wait until the notices before them were heard; absent while there are none. */
  #waiting: Message[] | undefined;

  constructor(stdin: Writable, stdout: Readable, limits: LineLimits = LINE_LIMITS) {
    this.#stdin = stdin;
    this.#stdout = stdout;
    this.#limits = limits;
  }

  start(): Promise<void> {
    this.#stdin.on("error", () => this.#end());
    this.#stdout.on("error", () => this.#end());
    this.#stdout.on("data", (chunk: Buffer) => this.#take(chunk));
    this.#stdout.once("end", () => this.#end());
    this.#stdout.once("close", () => this.#end());
    return Promise.resolve();
  }

  async send(message: Message): Promise<void> {
    if (this.#closed)
      throw new McpHostError("STREAM_ENDED", "Cannot send: the server's streams have ended");
    if ("method" in message && "id" in message) this.#asked.add(message.id);
    if (!this.#stdin.write(`${JSON.stringify(message)}\n`)) await once(this.#stdin, "drain");
  }

  close(): Promise<void> {
    this.#end();
    return Promise.resolve();
  }

  /** Stops reading until `resume`: the pipe fills, and the server has to wait. */
  pause(): void {
    this.#stdout.pause();
  }

  /** Reads on. */
  resume(): void {
    if (!this.#closed) this.#stdout.resume();
  }

  #take(chunk: Buffer): void {
    let from = 0;
    for (let at = chunk.indexOf(LF); at >= 0 && !this.#closed; at = chunk.indexOf(LF, from)) {
      const line =
        this.#held === 0
          ? chunk.subarray(from, at)
          : Buffer.concat([...this.#parts, chunk.subarray(from, at)]);
      this.#parts = [];
      this.#held = 0;
      from = at + 1;
      this.#line(line);
    }
    if (this.#closed || from >= chunk.length) return;
    this.#parts.push(chunk.subarray(from));
    this.#held += chunk.length - from;
    if (this.#held > this.#limits.lineBytes) this.#tooLong();
  }

  #line(line: Buffer): void {
    if (line.length > this.#limits.lineBytes) {
      this.#tooLong();
      return;
    }
    const text = line.toString("utf8").trim();
    if (text === "") return;
    if (!isShallow(text, this.#limits.depth)) {
      this.#fail("TOO_DEEP", `a message is nested deeper than ${this.#limits.depth}`);
      return;
    }
    const message = parse(text);
    if (message === undefined) {
      this.#stray += 1;
      if (this.#stray > this.#limits.strayLines) {
        this.#fail(
          "NOT_JSON",
          `over ${this.#limits.strayLines} lines are no message, such as ${quote(text)}`,
        );
      }
      return;
    }
    if (this.#isForeign(message)) return;
    this.#deliver(message);
  }

  /**
   * The client hears notices a turn later than answers, and after an answer it hears no progress of it any more: a server that sends both
   * at once would lose the progress. So an answer that comes after a notice waits for that turn.
   */
  #deliver(message: Message): void {
    if (this.#waiting && !("method" in message)) {
      this.#waiting.push(message);
      return;
    }
    if (!this.#waiting && "method" in message && !("id" in message)) {
      this.#waiting = [];
      setImmediate(() => {
        const answers = this.#waiting ?? [];
        this.#waiting = undefined;
        for (const answer of answers) this.onmessage?.(answer);
        if (this.#closed) this.onclose?.();
      });
    }
    this.onmessage?.(message);
  }

  /** An answer to nothing that was asked is ignored and counted: a server must not answer another's call. */
  #isForeign(message: Message): boolean {
    if (!("id" in message) || "method" in message || message.id === undefined) return false;
    if (this.#asked.delete(message.id)) return false;
    this.#foreign += 1;
    if (this.#foreign >= this.#limits.foreignResponses) {
      this.#fail("FOREIGN_RESPONSE", `${this.#foreign} answers belong to no request`);
    }
    return true;
  }

  #tooLong(): void {
    this.#fail("LINE_TOO_LONG", `a line has over ${this.#limits.lineBytes} bytes`);
  }

  #fail(code: McpHostError["code"], state: string): void {
    this.fault ??= new McpHostError(code, `Cannot read from the server: ${state}`);
    this.#end();
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#parts = [];
    this.#stdout.resume();
    if (!this.#waiting) this.onclose?.();
  }
}

function parse(text: string): Message | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isMessage =
      typeof value === "object" && value !== null && !Array.isArray(value) && "jsonrpc" in value;
    // The client checks the members of a message; here it is only told from noise.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
    return isMessage ? (value as Message) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether brackets outside strings nest at most so deep; cheap, so that it comes before the parser. */
function isShallow(text: string, max: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (inString) {
      if (unit === 0x5c) at += 1;
      else if (unit === 0x22) inString = false;
    } else if (unit === 0x22) inString = true;
    else if (unit === 0x7b || unit === 0x5b) depth += 1;
    else if (unit === 0x7d || unit === 0x5d) depth -= 1;
    if (depth > max) return false;
  }
  return true;
}

const quote = (text: string): string =>
  JSON.stringify(text.slice(0, 64)).replaceAll(/[^\u0020-\u007E]/gu, "?");
