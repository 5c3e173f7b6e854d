import type { Http2Stream } from "node:http2";
import { frameMessage } from "../message-frames.ts";

/** As much as waits in a stream at once: node:http2 resets streams when a session holds 10 MB. */
const PART_BYTES = 65_536;

/** Whether the stream still takes messages. */
const takesMore = (stream: Http2Stream): boolean =>
  !stream.destroyed && !stream.closed && !stream.writableEnded;

/** Sends messages as fast as the other side reads; stops when the stream no longer takes them. Leaves it open. */
export async function sendEach(
  stream: Http2Stream,
  messages: AsyncIterable<Uint8Array>,
): Promise<void> {
  for await (const message of messages) {
    if (!takesMore(stream)) return;
    await send(stream, frameMessage(message));
  }
}

/** Sends one message and ends our half of the stream. Never rejects. */
export async function sendOnly(stream: Http2Stream, frame: Uint8Array): Promise<void> {
  if (frame.byteLength > PART_BYTES) await send(stream, frame.subarray(0, -PART_BYTES));
  if (takesMore(stream)) stream.end(frame.subarray(-PART_BYTES));
}

/** A caller's messages on their way. */
export interface Sending {
  /** Asks for no more of them. Stopping twice is stopping once. */
  stop(): void;
}

/**
 * Sends the messages of a caller beside whatever else happens, and then ends its half of the stream. `failed` hears when the messages
 * themselves fail.
 */
export function startSending<I>(
  stream: Http2Stream,
  messages: AsyncIterable<I>,
  encode: (message: I) => Uint8Array,
  failed: (error: unknown) => void,
): Sending {
  const source = messages[Symbol.asyncIterator]();
  let stopped = false;
  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    // Not awaited: a source that waits for something of its own answers when that has come.
    void letGo(source);
  };
  const run = async (): Promise<void> => {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- messages are pulled one by one
      const next = await source.next();
      if (stopped) return;
      if (next.done === true) break;
      if (!takesMore(stream)) return stop();
      // oxlint-disable-next-line no-await-in-loop -- the other side's pace holds the source
      await send(stream, frameMessage(encode(next.value)));
    }
    stopped = true;
    if (takesMore(stream)) stream.end();
  };
  run().catch((error: unknown) => {
    stop();
    failed(error);
  });
  return { stop };
}

/** Sends the bytes of a message as fast as the other side reads. */
async function send(stream: Http2Stream, frame: Uint8Array): Promise<void> {
  for (let at = 0; at < frame.byteLength && takesMore(stream); at += PART_BYTES) {
    // oxlint-disable-next-line no-await-in-loop -- the other side's pace holds the sender
    if (!stream.write(frame.subarray(at, at + PART_BYTES))) await drained(stream);
  }
}

async function letGo(source: AsyncIterator<unknown>): Promise<void> {
  try {
    await source.return?.();
  } catch {
    // Nobody waits for its messages any more, so nobody for its failure.
  }
}

const drained = (stream: Http2Stream): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      stream.off("drain", done);
      stream.off("close", done);
      resolve();
    };
    stream.on("drain", done);
    stream.on("close", done);
    if (stream.destroyed) done();
  });
