import type { IncomingMessage } from "node:http";
import { ByteCollector } from "./byte-collector.ts";
import { nextOf } from "./next-of.ts";

/** Whether a request says of itself that its body is too large. */
export function isDeclaredTooLarge({ headers }: IncomingMessage, maxBytes: number): boolean {
  return Number(headers["content-length"] ?? 0) > maxBytes;
}

/**
 * Reads a body, up to a limit; `undefined` when it is longer.
 *
 * @throws when the client leaves before its end, or the signal aborts
 */
export async function readBody(
  request: IncomingMessage,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  const body = new ByteCollector(maxBytes);
  // Left early, the connection stays open for the answer.
  const chunks: AsyncIterator<unknown> = request.iterator({ destroyOnReturn: false });
  while (!body.isOver) {
    // oxlint-disable-next-line no-await-in-loop -- chunks come one after the other
    const { done, value: chunk } = await nextOf(chunks, signal);
    if (done === true) break;
    if (!(chunk instanceof Uint8Array)) throw new TypeError("Cannot read a body: it was decoded");
    body.add(chunk);
  }
  return body.take();
}
