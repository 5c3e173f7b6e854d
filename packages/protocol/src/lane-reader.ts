import {
  FLAG,
  HEADER_BYTES,
  KIND,
  type LaneFrame,
  type LaneMetadata,
  LENGTH_BYTES,
  METADATA_BYTES,
  METADATA_NAME,
  METADATA_VALUE,
  OPEN_BYTES,
} from "./lane-frames.ts";
import { ProtocolError } from "./protocol-error.ts";
import { STATUS } from "./status.ts";

/** Reads the frames of a lane from a stream of bytes, however it is cut. */
export interface LaneReader {
  /**
   * Takes the next bytes and tells each frame that is now whole. Messages are views of the bytes that were given, or of a copy. The length of
   * a frame is checked before anything is kept for it.
   *
   * @throws {@link ProtocolError} `FRAME_TOO_LARGE`, `FRAME_MALFORMED`, and what `take` throws; the reader is of no use then
   */
  push(bytes: Uint8Array): void;
}

/** Makes a reader that hands each frame to `take` and refuses one of more than `maxFrameBytes`, its length included. */
export function createLaneReader(
  maxFrameBytes: number,
  take: (frame: LaneFrame) => void,
): LaneReader {
  /** The beginning of a frame that has not come whole. */
  let rest: Uint8Array = NOTHING;
  let held = 0;

  const sizeAt = (bytes: Uint8Array, at: number): number => {
    const size = u32(bytes, at) + LENGTH_BYTES;
    if (size < HEADER_BYTES) throw malformed(`a length of ${size - LENGTH_BYTES}`);
    if (size > maxFrameBytes) throw tooLarge(size, maxFrameBytes);
    return size;
  };
  /** Completes the held frame as far as `bytes` go; answers how many of them that took. */
  const complete = (bytes: Uint8Array): number => {
    let used = 0;
    if (held < LENGTH_BYTES) {
      const missing = Math.min(LENGTH_BYTES - held, bytes.byteLength);
      rest.set(bytes.subarray(0, missing), held);
      held += missing;
      used = missing;
      if (held < LENGTH_BYTES) return used;
      const whole = new Uint8Array(sizeAt(rest, 0));
      whole.set(rest.subarray(0, LENGTH_BYTES));
      rest = whole;
    }
    const missing = Math.min(rest.byteLength - held, bytes.byteLength - used);
    rest.set(bytes.subarray(used, used + missing), held);
    held += missing;
    return used + missing;
  };
  const keep = (bytes: Uint8Array): void => {
    const hasLength = bytes.byteLength >= LENGTH_BYTES;
    rest = new Uint8Array(hasLength ? sizeAt(bytes, 0) : LENGTH_BYTES);
    rest.set(bytes);
    held = bytes.byteLength;
  };

  return {
    push(bytes) {
      let at = 0;
      if (held > 0) {
        at = complete(bytes);
        if (held < LENGTH_BYTES || held < rest.byteLength) return;
        const whole = rest;
        rest = NOTHING;
        held = 0;
        take(parseLaneFrame(whole, 0, whole.byteLength));
      }
      while (bytes.byteLength - at >= LENGTH_BYTES) {
        const size = sizeAt(bytes, at);
        if (bytes.byteLength - at < size) break;
        const from = at;
        at += size;
        take(parseLaneFrame(bytes, from, at));
      }
      if (at < bytes.byteLength) keep(bytes.subarray(at));
    },
  };
}

function parseLaneFrame(bytes: Uint8Array, from: number, end: number): LaneFrame {
  const flags = byte(bytes, from + 5);
  const method = u16(bytes, from + 6);
  const stream = u32(bytes, from + 8);
  const body = from + HEADER_BYTES;
  const kind = byte(bytes, from + 4);
  if (kind > KIND.data && (flags !== 0 || method !== 0)) throw malformed("flags or a method");
  switch (kind) {
    case KIND.open: {
      if (end - body < OPEN_BYTES) throw malformed("an opening that is cut short");
      const metadataEnd = body + OPEN_BYTES + u16(bytes, body + 4);
      if (metadataEnd > end) throw malformed("metadata that are cut short");
      return {
        kind: "open",
        stream: streamOf(stream),
        method,
        timeoutMs: u32(bytes, body),
        metadata: parseMetadata(bytes, body + OPEN_BYTES, metadataEnd),
        ...messageOf(flags, bytes, metadataEnd, end),
      };
    }
    case KIND.data:
      if (method !== 0) throw malformed("a method");
      return {
        kind: "data",
        stream: streamOf(stream),
        ...messageOf(flags, bytes, body, end),
      };
    case KIND.end: {
      if (end - body < 3) throw malformed("an end that is cut short");
      const textEnd = body + 3 + u16(bytes, body + 1);
      if (textEnd > end) throw malformed("a text that is cut short");
      return {
        kind: "end",
        stream: streamOf(stream),
        status: statusOf(byte(bytes, body)),
        text: textOf(bytes, body + 3, textEnd),
      };
    }
    case KIND.cancel:
      if (end - body < 1) throw malformed("a cancel that is cut short");
      return {
        kind: "cancel",
        stream: streamOf(stream),
        status: statusOf(byte(bytes, body)),
        text: textOf(bytes, body + 1, end),
      };
    case KIND.credit: {
      if (end - body !== 4) throw malformed("a credit that is no number");
      const more = u32(bytes, body);
      if (more === 0) throw malformed("a credit of nothing");
      return { kind: "credit", stream, bytes: more };
    }
    case KIND.ping:
    case KIND.pong:
      if (end - body !== 8 || stream !== 0) throw malformed("a ping that is none");
      return {
        kind: kind === KIND.ping ? "ping" : "pong",
        value: (BigInt(u32(bytes, body)) << 32n) | BigInt(u32(bytes, body + 4)),
      };
    case KIND.goaway:
      if (end - body < 4 || stream !== 0) throw malformed("a farewell that is none");
      return {
        kind: "goaway",
        lastStream: u32(bytes, body),
        text: textOf(bytes, body + 4, end),
      };
    default:
      throw malformed(`an unknown kind ${kind}`);
  }
}

interface Carried {
  readonly message?: Uint8Array;
  readonly hasMore: boolean;
  readonly isLast: boolean;
}

function messageOf(flags: number, bytes: Uint8Array, from: number, end: number): Carried {
  const isLast = (flags & FLAG.last) !== 0;
  const hasMore = (flags & FLAG.more) !== 0;
  const isBare = (flags & FLAG.bare) !== 0;
  if (flags > (FLAG.last | FLAG.more | FLAG.bare)) throw malformed(`unknown flags ${flags}`);
  // Endless fragments: one that brings nothing would cost the reader work for ever, and the sender no credit.
  if (hasMore && (isLast || isBare || from === end)) throw malformed("a part that cannot be one");
  if (isBare && from !== end) throw malformed("bytes in a frame without a message");
  if (isBare) return { hasMore, isLast };
  return { message: bytes.subarray(from, end), hasMore, isLast };
}

function parseMetadata(bytes: Uint8Array, from: number, end: number): LaneMetadata {
  if (from === end) return NO_METADATA;
  if (end - from > METADATA_BYTES) throw malformed("metadata above 16 KiB");
  const metadata: Record<string, string> = Object.create(null);
  let at = from;
  const text = (size: number): string => {
    if (at + size > end) throw malformed("metadata that are cut short");
    const read = String.fromCharCode(...bytes.subarray(at, at + size));
    at += size;
    return read;
  };
  while (at < end) {
    const nameBytes = byte(bytes, at);
    at += 1;
    const name = text(nameBytes);
    if (at + 2 > end) throw malformed("metadata that are cut short");
    const valueBytes = u16(bytes, at);
    at += 2;
    const value = text(valueBytes);
    if (!METADATA_NAME.test(name) || !METADATA_VALUE.test(value) || name in metadata) {
      throw malformed("metadata that are none, or twice");
    }
    metadata[name] = value;
  }
  return Object.freeze(metadata);
}

function textOf(bytes: Uint8Array, from: number, end: number): string {
  if (from === end) return "";
  if (end - from > TEXT_BYTES) throw malformed("a text above 1 KiB");
  return new TextDecoder().decode(bytes.subarray(from, end));
}

const streamOf = (stream: number): number => {
  if (stream === 0) throw malformed("a call on stream 0");
  return stream;
};

const statusOf = (status: number): number => {
  if (status > STATUS.UNAUTHENTICATED) throw malformed(`an unknown status ${status}`);
  return status;
};

const byte = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0;
const u16 = (bytes: Uint8Array, at: number): number => (byte(bytes, at) << 8) | byte(bytes, at + 1);
const u32 = (bytes: Uint8Array, at: number): number =>
  ((byte(bytes, at) << 24) |
    (byte(bytes, at + 1) << 16) |
    (byte(bytes, at + 2) << 8) |
    byte(bytes, at + 3)) >>>
  0;

const malformed = (found: string): ProtocolError =>
  new ProtocolError("FRAME_MALFORMED", `Cannot read a frame of the lane: it has ${found}`, {
    status: STATUS.INTERNAL,
  });

const tooLarge = (size: number, most: number): ProtocolError =>
  new ProtocolError(
    "FRAME_TOO_LARGE",
    `Cannot read a frame of the lane: ${size} bytes, at most ${most} are taken`,
    { status: STATUS.RESOURCE_EXHAUSTED },
  );

const TEXT_BYTES = 1024;
const NOTHING = new Uint8Array();
const NO_METADATA: LaneMetadata = Object.freeze(Object.create(null));
