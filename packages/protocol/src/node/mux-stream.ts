import { Duplex } from "node:stream";
import { LIMITS } from "../limits.ts";
import { MUX_FLAG, muxFrame, muxViolated } from "./mux-frames.ts";

/** What a stream sends by. */
export interface MuxWire {
  /** Writes, and calls back when it has left. */
  write(parts: readonly Uint8Array[], done?: (error?: Error | null) => void): void;
  /** Hears that the stream is over on this side. */
  forget(): void;
}

/** One stream of a multiplexed connection, as the connection sees it. */
export interface MuxStream {
  /** As its user sees it. */
  readonly duplex: Duplex;
  /** Hears that a body of so many bytes comes, and whether it is the last. Throws `MUX_VIOLATED` when it is more than was allowed. */
  announce(bytes: number, isLast: boolean): void;
  /** Takes a part of what was announced. */
  receive(part: Uint8Array): void;
  /** Hears that the other side takes so many bytes more. Throws `MUX_VIOLATED` beyond what a window can be. */
  credit(bytes: number): void;
  /** Hears that it is over, without a word to the other side. */
  abandon(error: Error): void;
}

const LARGEST_WINDOW = 0xffff_ffff;
/** Parts below this size are joined, so that a stream sent in single bytes costs little more than its bytes. */
const SMALL_BYTES = 4096;
/** Waits for its reader inside of the Duplex; the rest of the window waits here. */
const READ_AHEAD_BYTES = 16_384;

/** Makes one, open in both directions. */
export function createMuxStream(id: number, wire: MuxWire): MuxStream {
  let sendable = LIMITS.muxFrameBytes;
  let unsent:
    | { readonly bytes: Uint8Array; readonly done: (error?: Error | null) => void }
    | undefined;
  let isOurHalfOver = false;

  let takeable = LIMITS.muxFrameBytes;
  let announced = 0;
  let consumed = 0;
  let isLastAnnounced = false;
  let isTheirHalfOver = false;
  let isWanted = false;
  let isSilent = false;
  const queue: Uint8Array[] = [];

  const send = (bytes: Uint8Array, done: (error?: Error | null) => void): void => {
    const part = bytes.subarray(0, sendable);
    const rest = bytes.subarray(part.byteLength);
    // All is set before a byte leaves: the other side may answer at once.
    sendable -= part.byteLength;
    if (rest.byteLength > 0) unsent = { bytes: rest, done };
    const last = rest.byteLength === 0 ? done : undefined;
    if (part.byteLength > 0) wire.write([muxFrame.data(id, part.byteLength), part], last);
    else last?.();
  };
  const deliver = (): void => {
    const part = isWanted ? queue.shift() : undefined;
    if (part !== undefined) {
      isWanted = false;
      consumed += part.byteLength;
      // Half a window at a time, so that updates are few.
      if (consumed >= LIMITS.muxFrameBytes / 2 && !isLastAnnounced) {
        const bytes = consumed;
        takeable += bytes;
        consumed = 0;
        wire.write([muxFrame.window(id, 0, bytes)]);
      }
      duplex.push(part);
      return;
    }
    if (!isWanted || !isTheirHalfOver) return;
    isWanted = false;
    duplex.push(null);
  };
  const endTheirs = (): void => {
    if (announced > 0 || !isLastAnnounced) return;
    isTheirHalfOver = true;
    deliver();
  };

  const duplex = new Duplex({
    allowHalfOpen: false,
    readableHighWaterMark: READ_AHEAD_BYTES,
    read() {
      isWanted = true;
      deliver();
    },
    write(chunk: Uint8Array, _encoding, done) {
      send(chunk, done);
    },
    final(done) {
      isOurHalfOver = true;
      wire.write([muxFrame.window(id, MUX_FLAG.FIN, 0)], done);
    },
    destroy(error, done) {
      queue.length = 0;
      if (!isSilent && !(isOurHalfOver && isTheirHalfOver))
        wire.write([muxFrame.window(id, MUX_FLAG.RST, 0)]);
      unsent?.done(error ?? new Error("the stream was closed"));
      unsent = undefined;
      wire.forget();
      done(error);
    },
  });
  // A stream that nobody uses any more must not end the process.
  duplex.on("error", () => undefined);

  return {
    duplex,
    announce(bytes, isLast) {
      if (isLastAnnounced && (bytes > 0 || isLast))
        throw muxViolated(`stream ${id} goes on after its end`);
      if (bytes > takeable)
        throw muxViolated(`stream ${id} sends ${bytes} bytes where ${takeable} are allowed`);
      takeable -= bytes;
      announced += bytes;
      isLastAnnounced ||= isLast;
      endTheirs();
    },
    receive(part) {
      announced -= part.byteLength;
      enqueue(queue, part);
      deliver();
      endTheirs();
    },
    credit(bytes) {
      if (sendable + bytes > LARGEST_WINDOW)
        throw muxViolated(`the window of stream ${id} overflows`);
      sendable += bytes;
      const waiting = unsent;
      if (waiting === undefined || bytes === 0) return;
      unsent = undefined;
      send(waiting.bytes, waiting.done);
    },
    abandon(error) {
      isSilent = true;
      duplex.destroy(error);
    },
  };
}

/** Keeps a part, joined with small ones before it; a byte is copied a dozen times at most. */
function enqueue(queue: Uint8Array[], part: Uint8Array): void {
  let last = part;
  for (let before = queue.at(-1); before !== undefined; before = queue.at(-1)) {
    if (before.byteLength >= SMALL_BYTES || before.byteLength > last.byteLength) break;
    queue.pop();
    last = Buffer.concat([before, last]);
  }
  queue.push(last);
}
