/** One line of a stream of bytes, without its line feed, or why there is none. */
export type Line =
  | { readonly kind: "line"; readonly bytes: Uint8Array }
  | { readonly kind: "record_too_large" }
  | { readonly kind: "torn_tail" };

const LF = 0x0a;

/** Splits bytes at line feeds, wherever the stream is cut. A line over `maxBytes`, or a last one without line feed, ends it. */
export async function* splitLines(
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<Line> {
  let parts: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of source) {
    let from = 0;
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, from)) {
      if (held + at - from + 1 > maxBytes) {
        yield { kind: "record_too_large" };
        return;
      }
      const end = chunk.subarray(from, at);
      yield { kind: "line", bytes: held === 0 ? end : Buffer.concat([...parts, end]) };
      parts = [];
      held = 0;
      from = at + 1;
    }
    if (from < chunk.length) {
      // The stream may reuse its buffer, so what is kept is copied.
      parts.push(chunk.slice(from));
      held += chunk.length - from;
    }
    if (held >= maxBytes) {
      yield { kind: "record_too_large" };
      return;
    }
  }
  if (held > 0) yield { kind: "torn_tail" };
}
