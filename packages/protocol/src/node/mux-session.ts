import type { Duplex } from "node:stream";
import { LIMITS } from "../limits.ts";
import { ProtocolError } from "../protocol-error.ts";
import { STATUS } from "../status.ts";
import {
  createMuxFrameReader,
  MUX_FLAG,
  type MuxEvent,
  muxFrame,
  muxViolated,
} from "./mux-frames.ts";
import { createMuxStream, type MuxStream } from "./mux-stream.ts";
import { after } from "./timeout.ts";

/** Many streams over one connection (yamux, as go-plugin uses it). */
export interface MuxSession extends AsyncDisposable {
  /** Settles when the connection is over: with what the other side did wrong, if that is why. Never rejects. */
  readonly closed: Promise<ProtocolError | undefined>;
  /**
   * Opens a stream to the other side.
   *
   * @throws {@link ProtocolError} `CONNECT_FAILED` when the connection is over or ending, or has too many streams
   */
  open(): Duplex;
  /** Gives the next stream that the other side opens, after those expected before, to `take`; answers how to withdraw. */
  expect(take: (stream: Duplex) => void): () => void;
  /** Ends the connection and all its streams. Closing twice is closing once. */
  close(): Promise<void>;
}

/** Whose end of a multiplexed connection it is, and what happens there. */
export interface MuxSessionOptions {
  /** Which side this is: a host opens streams of odd numbers, a plugin of even ones. */
  readonly side: "host" | "plugin";
  /** Takes streams that nobody expects; without it they are refused. */
  readonly accept?: (stream: Duplex) => void;
}

/** Answers that wait to leave. Who asks for more without reading them is up to nothing good. */
const MAX_ANSWERS = 256;
const LINGER_MS = 250;

type Frame = Extract<MuxEvent, { readonly kind: "data" | "window" }>;

/**
 * Multiplexes a connection. What breaks its rules ends it: a malformed frame, a stream of a wrong number, more than was allowed to be
 * sent, questions whose answers nobody reads.
 */
export function createMuxSession(
  connection: Duplex,
  { side, accept }: MuxSessionOptions,
): MuxSession {
  const streams = new Map<number, MuxStream>();
  const expected: ((stream: Duplex) => void)[] = [];
  const ended = Promise.withResolvers<ProtocolError | undefined>();
  const ownRest = side === "host" ? 1 : 0;
  const isOwn = (id: number): boolean => id % 2 === ownRest;
  let nextOwn = side === "host" ? 1 : 2;
  let highest = 0;
  let theirs = 0;
  let answers = 0;
  let isLeaving = false;
  let isOver = false;

  const write = (parts: readonly Uint8Array[], done?: (error?: Error | null) => void): void => {
    if (isOver || !connection.writable) {
      done?.(new Error("the multiplexed connection is over"));
      return;
    }
    connection.cork();
    parts.forEach((part, at) => connection.write(part, at === parts.length - 1 ? done : undefined));
    connection.uncork();
  };
  const answer = (frame: Uint8Array): void => {
    answers += 1;
    if (answers > MAX_ANSWERS) throw muxViolated(`${answers} answers are not read`);
    write([frame], () => (answers -= 1));
  };
  const begin = (id: number): MuxStream => {
    const forget = (): void => {
      if (streams.delete(id) && !isOwn(id)) theirs -= 1;
    };
    const stream = createMuxStream(id, { write, forget });
    streams.set(id, stream);
    if (!isOwn(id)) theirs += 1;
    return stream;
  };
  const over = (fault: ProtocolError | undefined): void => {
    if (isOver) return;
    isOver = true;
    const lost = fault ?? new Error("the multiplexed connection is over");
    for (const stream of streams.values()) stream.abandon(lost);
    if (fault === undefined) connection.end();
    else connection.destroy();
    ended.resolve(fault);
  };

  const admitted = (id: number): MuxStream | undefined => {
    if (isOwn(id) || id <= highest)
      throw muxViolated(`stream ${id} cannot be opened by the other side`);
    highest = id;
    const take = expected.shift() ?? accept;
    if (take === undefined || theirs >= LIMITS.muxStreams || isLeaving) {
      answer(muxFrame.window(id, MUX_FLAG.RST, 0));
      return undefined;
    }
    const stream = begin(id);
    answer(muxFrame.window(id, MUX_FLAG.ACK, 0));
    take(stream.duplex);
    return stream;
  };
  const streamOf = ({ stream: id, flags }: Frame): MuxStream | undefined => {
    if (id === 0) throw muxViolated("a frame of data belongs to no stream");
    if ((flags & MUX_FLAG.SYN) !== 0) return admitted(id);
    const neverBegan = isOwn(id) ? id >= nextOwn : id > highest;
    if (neverBegan) throw muxViolated(`stream ${id} was never opened`);
    return streams.get(id);
  };
  const takeFrame = (frame: Frame): void => {
    const stream = streamOf(frame);
    if (stream === undefined) return;
    if ((frame.flags & MUX_FLAG.RST) !== 0) {
      stream.abandon(new Error("the other side reset the stream"));
      return;
    }
    const isLast = (frame.flags & MUX_FLAG.FIN) !== 0;
    if (frame.kind === "window") stream.credit(frame.bytes);
    if (frame.kind === "data" || isLast)
      stream.announce(frame.kind === "data" ? frame.bytes : 0, isLast);
  };
  const takeEvent = (event: MuxEvent): void => {
    if (isOver) return;
    switch (event.kind) {
      case "data":
      case "window":
        takeFrame(event);
        break;
      case "body":
        streams.get(event.stream)?.receive(event.part);
        break;
      case "ping":
        if (!event.isAnswer) answer(muxFrame.pong(event.value));
        break;
      case "goaway":
        isLeaving = true;
        if (event.reason !== 0) throw muxViolated(`the other side gave up, reason ${event.reason}`);
        break;
      default:
        event satisfies never;
    }
  };

  const reader = createMuxFrameReader(takeEvent);
  const arrived: Uint8Array[] = [];
  let isReading = false;
  connection.on("data", (bytes: Uint8Array) => {
    arrived.push(bytes);
    // What is written while reading may be answered before the writing returns.
    if (isReading) return;
    isReading = true;
    try {
      for (let next = arrived.shift(); next !== undefined; next = arrived.shift())
        reader.push(next);
    } catch (error) {
      over(error instanceof ProtocolError ? error : muxViolated("a stream could not be taken"));
    }
    isReading = false;
  });
  connection.on("error", () => over(undefined));
  connection.once("end", () => over(undefined)).once("close", () => over(undefined));

  const close = async (): Promise<void> => {
    write([muxFrame.goaway(0)]);
    over(undefined);
    if (connection.destroyed) return;
    const gone = new Promise((resolve) => connection.once("close", resolve));
    const stop = after(LINGER_MS, () => connection.destroy());
    await gone;
    stop();
  };
  let closing: Promise<void> | undefined;
  const closeOnce = (): Promise<void> => (closing ??= close());
  return {
    closed: ended.promise,
    open() {
      if (isOver || isLeaving) throw unopened("it is over, or ending");
      const ours = streams.size - theirs;
      if (ours >= LIMITS.muxStreams) throw unopened(`it has ${ours} streams`);
      const id = nextOwn;
      nextOwn += 2;
      const { duplex } = begin(id);
      write([muxFrame.window(id, MUX_FLAG.SYN, 0)]);
      return duplex;
    },
    expect(take) {
      expected.push(take);
      return () => {
        const at = expected.indexOf(take);
        if (at !== -1) expected.splice(at, 1);
      };
    },
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce,
  };
}

const unopened = (found: string): ProtocolError =>
  new ProtocolError(
    "CONNECT_FAILED",
    `Cannot open a stream of a multiplexed connection: ${found}`,
    {
      status: STATUS.UNAVAILABLE,
    },
  );
