import type { Readable, Writable } from "node:stream";

/** Standard input, which may be a terminal. */
type Input = Readable & {
  readonly isTTY?: boolean;
  setRawMode?: (isRaw: boolean) => unknown;
};

const ends = new Set(["\r", "\n", "\u0004"]);

/**
 * Makes a reader of standard input for values that nobody may see: of a pipe everything up to a limit, of a terminal one line that is not
 * shown. It writes the question to a terminal alone.
 */
export function secretReader(
  input: Input,
  prompt: Pick<Writable, "write">,
): (question: string, maxBytes: number) => Promise<Uint8Array> {
  return async (question, maxBytes) => {
    if (input.isTTY !== true) return readAll(input, maxBytes);
    prompt.write(question);
    input.setRawMode?.(true);
    try {
      return await readLine(input, maxBytes);
    } finally {
      input.setRawMode?.(false);
      input.pause();
      prompt.write("\n");
    }
  };
}

/** One byte more than the limit is enough to know that it was passed. */
async function readAll(input: Input, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const part of input) {
    const chunk: Buffer = Buffer.from(part);
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBytes) break;
  }
  return Buffer.concat(chunks);
}

async function readLine(input: Input, maxBytes: number): Promise<Uint8Array> {
  let line = "";
  const iterator = input.iterator({ destroyOnReturn: false });
  for await (const part of iterator) {
    for (const character of String(part)) {
      if (ends.has(character)) return Buffer.from(line);
      if (character === "\u0003") throw new Error("Cannot read the value: interrupted");
      if (character === "\u007F" || character === "\b") line = line.slice(0, -1);
      else line += character;
    }
    if (Buffer.byteLength(line) > maxBytes) break;
  }
  return Buffer.from(line);
}
