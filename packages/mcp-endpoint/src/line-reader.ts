import type { Readable } from "node:stream";
import { ByteCollector } from "./byte-collector.ts";
import { nextOf } from "./next-of.ts";

const LF = 0x0a;

/** Yields the lines of a stream; `undefined` in place of one that is longer than `maxBytes`. Ends early when the signal aborts. */
export async function* readLines(
  input: Readable,
  maxBytes: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array | undefined> {
  const chunks: AsyncIterator<unknown> = input.iterator({ destroyOnReturn: false });
  const line = new ByteCollector(maxBytes);
  for (;;) {
    // A stream that breaks has ended.
    // oxlint-disable-next-line no-await-in-loop -- chunks come one after the other
    const next = await nextOf(chunks, signal).catch(() => undefined);
    if (!next || next.done === true) break;
    const chunk = typeof next.value === "string" ? Buffer.from(next.value) : next.value;
    if (!(chunk instanceof Uint8Array)) break;
    let from = 0;
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, from)) {
      line.add(chunk.subarray(from, at));
      from = at + 1;
      yield line.take();
    }
    line.add(chunk.subarray(from));
  }
  if (!line.isEmpty) yield line.take();
}
