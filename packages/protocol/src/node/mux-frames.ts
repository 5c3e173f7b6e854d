import { LIMITS } from "../limits.ts";
import { ProtocolError } from "../protocol-error.ts";

/** What frames say beside their kind (yamux, version 0). */
export const MUX_FLAG = Object.freeze({ SYN: 1, ACK: 2, FIN: 4, RST: 8 });
const ALL_FLAGS = 15;

/** A piece of what a multiplexed connection carries. A body comes in the pieces in which its bytes came. */
export type MuxEvent =
  | {
      readonly kind: "data";
      readonly stream: number;
      readonly flags: number;
      readonly bytes: number;
    }
  | { readonly kind: "body"; readonly stream: number; readonly part: Uint8Array }
  | {
      readonly kind: "window";
      readonly stream: number;
      readonly flags: number;
      readonly bytes: number;
    }
  | { readonly kind: "ping"; readonly isAnswer: boolean; readonly value: number }
  | { readonly kind: "goaway"; readonly reason: number };

/** Reads frames from bytes, however they are cut. It keeps 12 bytes at most. */
export interface MuxFrameReader {
  /** Takes the next bytes, and calls back for each piece in turn. Throws a {@link ProtocolError} `MUX_VIOLATED`; it is of no use then. */
  push(bytes: Uint8Array): void;
}

const HEADER_BYTES = 12;
const DATA = 0;
const WINDOW = 1;
const PING = 2;
const GOAWAY = 3;

/** Makes a reader that refuses what is no frame, and a body of more than 256 KiB. */
export function createMuxFrameReader(take: (event: MuxEvent) => void): MuxFrameReader {
  const header = new Uint8Array(HEADER_BYTES);
  let held = 0;
  let body: { readonly stream: number; left: number } | undefined;
  return {
    push(bytes) {
      for (let at = 0; at < bytes.byteLength;) {
        if (body !== undefined) {
          const part = bytes.subarray(at, at + body.left);
          const { stream } = body;
          at += part.byteLength;
          body.left -= part.byteLength;
          if (body.left === 0) body = undefined;
          take({ kind: "body", stream, part });
          continue;
        }
        const part = bytes.subarray(at, at + HEADER_BYTES - held);
        header.set(part, held);
        held += part.byteLength;
        at += part.byteLength;
        if (held < HEADER_BYTES) return;
        held = 0;
        const event = eventOf(header);
        if (event.kind === "data" && event.bytes > 0)
          body = { stream: event.stream, left: event.bytes };
        take(event);
      }
    },
  };
}

function eventOf(header: Uint8Array): MuxEvent {
  const view = new DataView(header.buffer);
  const [version, type = -1] = header;
  const flags = view.getUint16(2);
  const stream = view.getUint32(4);
  const bytes = view.getUint32(8);
  if (version !== 0) throw muxViolated(`a frame has version ${version}, not 0`);
  if ((flags & ~ALL_FLAGS) !== 0) throw muxViolated(`a frame has the unknown flags ${flags}`);
  switch (type) {
    case DATA:
      if (bytes > LIMITS.muxFrameBytes)
        throw muxViolated(
          `a frame has a body of ${bytes} bytes, at most ${LIMITS.muxFrameBytes} are taken`,
        );
      return { kind: "data", stream, flags, bytes };
    case WINDOW:
      return { kind: "window", stream, flags, bytes };
    case PING:
      if (stream !== 0) throw muxViolated(`a ping belongs to stream ${stream}`);
      return { kind: "ping", isAnswer: (flags & MUX_FLAG.ACK) !== 0, value: bytes };
    case GOAWAY:
      if (stream !== 0) throw muxViolated(`a farewell belongs to stream ${stream}`);
      return { kind: "goaway", reason: bytes };
    default:
      throw muxViolated(`a frame has the unknown type ${type}`);
  }
}

const written = (type: number, flags: number, stream: number, value: number): Uint8Array => {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint8(1, type);
  view.setUint16(2, flags);
  view.setUint32(4, stream);
  view.setUint32(8, value);
  return header;
};

/** Writes frames; that of data is followed by as many bytes as it says. */
export const muxFrame = Object.freeze({
  data: (stream: number, bytes: number): Uint8Array => written(DATA, 0, stream, bytes),
  window: (stream: number, flags: number, bytes: number): Uint8Array =>
    written(WINDOW, flags, stream, bytes),
  pong: (value: number): Uint8Array => written(PING, MUX_FLAG.ACK, 0, value),
  goaway: (reason: number): Uint8Array => written(GOAWAY, 0, 0, reason),
});

/** Says how the other side broke the rules of a multiplexed connection. */
export const muxViolated = (found: string): ProtocolError =>
  new ProtocolError("MUX_VIOLATED", `Cannot use a multiplexed connection: ${found}`);
