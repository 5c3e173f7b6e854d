/** Names and values that go with a call, such as `traceparent`; names are lower case, and both are printable ASCII. */
export type LaneMetadata = Readonly<Record<string, string>>;

/**
 * One frame of the native lane. Numbers are unsigned and big-endian on the wire; `method` counts in the list that both sides agreed on.
 * `isLast` ends the sender's half of a call, `hasMore` says that the message goes on in the next frame, and without a `message` a frame
 * of `open` or `data` carries none, which an empty one is not.
 */
export type LaneFrame =
  | {
      readonly kind: "open";
      readonly stream: number;
      readonly method: number;
      /** What is left of the call's time, in milliseconds; zero for no limit. */
      readonly timeoutMs: number;
      readonly metadata: LaneMetadata;
      readonly message?: Uint8Array;
      readonly hasMore: boolean;
      readonly isLast: boolean;
    }
  | {
      readonly kind: "data";
      readonly stream: number;
      readonly message?: Uint8Array;
      readonly hasMore: boolean;
      readonly isLast: boolean;
    }
  | {
      readonly kind: "end" | "cancel";
      readonly stream: number;
      /** A gRPC status, 0 to 16. */
      readonly status: number;
      /** At most 1 KiB of UTF-8. */
      readonly text: string;
    }
  | {
      readonly kind: "credit";
      /** Zero for the whole lane. */
      readonly stream: number;
      readonly bytes: number;
    }
  | {
      readonly kind: "ping" | "pong";
      readonly value: bigint;
    }
  | {
      readonly kind: "goaway";
      /** The last stream of the other side that is still served. */
      readonly lastStream: number;
      readonly text: string;
    };

/** The numbers of the kinds. */
export const KIND = {
  open: 1,
  data: 2,
  end: 3,
  cancel: 4,
  credit: 5,
  ping: 6,
  pong: 7,
  goaway: 8,
} as const;

/** `END` and `MORE` of the design; `BARE` is a frame without a message. */
export const FLAG = { last: 1, more: 2, bare: 4 } as const;

/** Length, kind, flags, method, stream. */
export const HEADER_BYTES = 12;
/** What the length does not count: itself. */
export const LENGTH_BYTES = 4;
/** What stands before the metadata of an opening frame. */
export const OPEN_BYTES = 6;
const TEXT_BYTES = 1024;
const LARGEST_U32 = 0xffff_ffff;

/**
 * Writes one frame.
 *
 * @throws RangeError for a number that the wire has no room for, or metadata that are too large
 * @throws TypeError for metadata that are no printable ASCII
 */
export function encodeLaneFrame(frame: LaneFrame): Uint8Array {
  switch (frame.kind) {
    case "open": {
      const { stream, method, timeoutMs, message } = frame;
      const metadata = encodeMetadata(frame.metadata);
      const size = OPEN_BYTES + metadata.byteLength + (message?.byteLength ?? 0);
      const bytes = framed(KIND.open, flagsOf(frame), method, stream, size);
      writeU32(bytes, HEADER_BYTES, timeoutMs);
      writeU16(bytes, HEADER_BYTES + 4, metadata.byteLength);
      bytes.set(metadata, HEADER_BYTES + OPEN_BYTES);
      if (message) bytes.set(message, HEADER_BYTES + OPEN_BYTES + metadata.byteLength);
      return bytes;
    }
    case "data": {
      const { stream, message } = frame;
      const bytes = framed(KIND.data, flagsOf(frame), 0, stream, message?.byteLength ?? 0);
      if (message) bytes.set(message, HEADER_BYTES);
      return bytes;
    }
    case "end": {
      const text = shortText(frame.text);
      const bytes = framed(KIND.end, 0, 0, frame.stream, 3 + text.byteLength);
      bytes[HEADER_BYTES] = frame.status;
      writeU16(bytes, HEADER_BYTES + 1, text.byteLength);
      bytes.set(text, HEADER_BYTES + 3);
      return bytes;
    }
    case "cancel": {
      const text = shortText(frame.text);
      const bytes = framed(KIND.cancel, 0, 0, frame.stream, 1 + text.byteLength);
      bytes[HEADER_BYTES] = frame.status;
      bytes.set(text, HEADER_BYTES + 1);
      return bytes;
    }
    case "credit": {
      const bytes = framed(KIND.credit, 0, 0, frame.stream, 4);
      writeU32(bytes, HEADER_BYTES, frame.bytes);
      return bytes;
    }
    case "ping":
    case "pong": {
      const bytes = framed(KIND[frame.kind], 0, 0, 0, 8);
      new DataView(bytes.buffer).setBigUint64(HEADER_BYTES, frame.value);
      return bytes;
    }
    case "goaway": {
      const text = shortText(frame.text);
      const bytes = framed(KIND.goaway, 0, 0, 0, 4 + text.byteLength);
      writeU32(bytes, HEADER_BYTES, frame.lastStream);
      bytes.set(text, HEADER_BYTES + 4);
      return bytes;
    }
    default:
      return frame satisfies never;
  }
}

/** What an opening or a data frame takes of the credit: its bytes, and for each frame what keeping it costs beside them. */
export const chargeOf = (messageBytes: number): number => messageBytes + FRAME_COST;

/** Without it, empty messages would be free and could fill a memory. */
export const FRAME_COST = 64;

function framed(
  kind: number,
  flags: number,
  method: number,
  stream: number,
  bodyBytes: number,
): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + bodyBytes);
  writeU32(bytes, 0, HEADER_BYTES - LENGTH_BYTES + bodyBytes);
  bytes[4] = kind;
  bytes[5] = flags;
  writeU16(bytes, 6, method);
  writeU32(bytes, 8, stream);
  return bytes;
}

function flagsOf(frame: {
  readonly message?: Uint8Array;
  readonly hasMore: boolean;
  readonly isLast: boolean;
}): number {
  return (
    (frame.isLast ? FLAG.last : 0) |
    (frame.hasMore ? FLAG.more : 0) |
    (frame.message === undefined ? FLAG.bare : 0)
  );
}

/** Writes metadata. Throws a `TypeError` or a `RangeError` for what is none. */
export function encodeMetadata(metadata: LaneMetadata): Uint8Array {
  const names = Object.keys(metadata);
  if (names.length === 0) return NOTHING;
  const parts: number[] = [];
  for (const name of names) {
    const value = metadata[name] ?? "";
    if (!METADATA_NAME.test(name) || name.length > 255 || !METADATA_VALUE.test(value)) {
      throw new TypeError(
        `Cannot send metadata ${JSON.stringify(name.slice(0, 100))}: name or value is no printable ASCII, or the name is not lower case`,
      );
    }
    parts.push(name.length, ...ascii(name), value.length >> 8, value.length & 255, ...ascii(value));
  }
  if (parts.length > METADATA_BYTES) {
    throw new RangeError(
      `Cannot send metadata: they take ${parts.length} bytes, at most ${METADATA_BYTES} are possible`,
    );
  }
  return Uint8Array.from(parts);
}

const ascii = (text: string): readonly number[] =>
  Array.from(text, (character) => character.charCodeAt(0));

/** What names and values of metadata look like. */
export const METADATA_NAME = /^[0-9a-z._-]+$/u;
/** Printable ASCII. */
export const METADATA_VALUE = /^[\u0020-\u007e]{0,8192}$/u;
/** The most that the metadata of one call may take, as of a list of headers. */
export const METADATA_BYTES = 16_384;

function shortText(text: string): Uint8Array {
  if (text === "") return NOTHING;
  const bytes = new TextEncoder().encode(text);
  if (bytes.byteLength <= TEXT_BYTES) return bytes;
  // Not in the middle of a character.
  let end = TEXT_BYTES;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  if (!Number.isInteger(value) || value < 0 || value > LARGEST_U32) {
    throw new RangeError(`Cannot send a frame: ${value} is no number from 0 to ${LARGEST_U32}`);
  }
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

const NOTHING = new Uint8Array();
