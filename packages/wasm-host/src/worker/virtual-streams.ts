import { nothing, refusal } from "./resources.ts";
import { Pollable } from "./virtual-clock.ts";

/** Bytes after which a line without an end is told. */
const LONGEST_LINE = 4_096;

/** What an output stream takes at once. */
const WRITABLE = 65_536n;

/** The standard streams of virtual WASI. */
export interface VirtualStreams {
  /** Interfaces without package. */
  readonly interfaces: Readonly<Record<string, object>>;
  /** A stream that forgets what is written. */
  readonly discard: () => object;
  /** Tells lines without an end. */
  end(): void;
}

/** Makes standard streams: input is at its end, output becomes lines of the log. */
export function createVirtualStreams(
  line: (level: "info" | "error", text: string) => void,
): VirtualStreams {
  const out = new Lines((text) => line("info", text));
  const err = new Lines((text) => line("error", text));
  return {
    interfaces: {
      "cli/stdin": { getStdin: () => new InputStream() },
      "cli/stdout": { getStdout: () => new OutputStream(out) },
      "cli/stderr": { getStderr: () => new OutputStream(err) },
      "cli/terminal-input": { TerminalInput: nothing() },
      "cli/terminal-output": { TerminalOutput: nothing() },
      "cli/terminal-stdin": { getTerminalStdin: absent },
      "cli/terminal-stdout": { getTerminalStdout: absent },
      "cli/terminal-stderr": { getTerminalStderr: absent },
      "io/error": { Error: IoError },
      "io/streams": { InputStream, OutputStream },
    },
    discard: () => new OutputStream(new Lines(() => {})),
    end() {
      out.end();
      err.end();
    },
  };
}

const absent = (): undefined => undefined;

/** Cuts bytes into lines of bounded length. */
class Lines {
  readonly #tell: (text: string) => void;
  readonly #decoder = new TextDecoder();
  #rest = "";

  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  /** Takes bytes and tells the lines that end in them. */
  take(bytes: Uint8Array): void {
    const parts = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split("\n");
    this.#rest = parts.pop() ?? "";
    for (const part of parts) this.#tell(part);
    if (this.#rest.length > LONGEST_LINE) this.end();
  }

  /** Tells what has no end. */
  end(): void {
    if (this.#rest !== "") this.#tell(this.#rest);
    this.#rest = "";
  }
}

/** An error of a stream. No stream here makes one. */
class IoError {
  /** Says what it is, in no detail. */
  toDebugString(): string {
    return "virtual WASI";
  }
}

const closed = (): never => {
  throw refusal({ tag: "closed" });
};

/** A stream at its end. */
class InputStream {
  /** At its end. */
  read(): never {
    return closed();
  }

  /** At its end. */
  blockingRead(): never {
    return closed();
  }

  /** At its end. */
  skip(): never {
    return closed();
  }

  /** At its end. */
  blockingSkip(): never {
    return closed();
  }

  /** Ready: the end is there. */
  subscribe(): Pollable {
    return new Pollable();
  }
}

/** A stream whose bytes become lines, or nothing. */
class OutputStream {
  readonly #lines: Lines;

  constructor(lines: Lines) {
    this.#lines = lines;
  }

  /** Bytes it takes at once. */
  checkWrite(): bigint {
    return WRITABLE;
  }

  /** Takes bytes. */
  write(contents: Uint8Array): void {
    this.#lines.take(contents);
  }

  /** Takes bytes. */
  blockingWriteAndFlush(contents: Uint8Array): void {
    this.#lines.take(contents);
  }

  /** Nothing is held back. */
  flush(): void {}

  /** Nothing is held back. */
  blockingFlush(): void {}

  /** Ready: it never waits. */
  subscribe(): Pollable {
    return new Pollable();
  }

  /** Zeroes are no text. */
  writeZeroes(): void {}

  /** Zeroes are no text. */
  blockingWriteZeroesAndFlush(): void {}

  /** There is no stream that has bytes to move. */
  splice(): never {
    return closed();
  }

  /** There is no stream that has bytes to move. */
  blockingSplice(): never {
    return closed();
  }
}
