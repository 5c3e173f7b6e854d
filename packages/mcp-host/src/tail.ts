import type { Readable } from "node:stream";

/** The last bytes of a stream that is drained whether or not anybody looks. */
export interface Tail {
  /** The last bytes as text; what is no UTF-8 is replaced, and what could steer a terminal is escaped. */
  text(): string;
}

/** Drains a stream and keeps its last `maxBytes`. */
export function createTail(stream: Readable, maxBytes: number): Tail {
  let kept: Buffer = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk.subarray(-maxBytes)]).subarray(-maxBytes);
  });
  stream.on("error", () => undefined);
  return {
    text: () =>
      kept
        .toString("utf8")
        .replaceAll(
          /[^\P{Cc}\n\t]|\p{Cf}/gu,
          (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ""}}`,
        ),
  };
}
