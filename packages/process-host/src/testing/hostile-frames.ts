import { Duplex, duplexPair } from "node:stream";

const DATA = 0;
const HEADERS = 1;
const SETTINGS = 4;
const CONTINUATION = 9;
const ACK = 1;
const END_STREAM = 1;
const END_HEADERS = 4;
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

function frame(type: number, flags: number, stream: number, body: Uint8Array): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(body.byteLength, 0, 3);
  header.writeUInt8(type, 3);
  header.writeUInt8(flags, 4);
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, body]);
}

/** A header that is not kept (`index` 0) or kept (64) for later. */
function literal(name: string, value: string, index = 0): Buffer {
  const length = Buffer.byteLength(value);
  // HPACK writes 127 and more in further bytes of seven bits each.
  const rest = length - 127;
  const size =
    rest < 0
      ? [length]
      : [127, (rest & 127) | (rest > 127 ? 128 : 0), ...(rest > 127 ? [rest >> 7] : [])];
  return Buffer.concat([
    Uint8Array.of(index, name.length),
    Buffer.from(name),
    Uint8Array.from(size),
    Buffer.from(value),
  ]);
}

/** The trailers of an answer that never end, or are 60 MB when they are unpacked. */
export function headerBomb(kind: string, stream: number): Buffer {
  if (kind === "endless") {
    const more = Buffer.concat(Array.from({ length: 40 }, () => literal("x-b", "x".repeat(100))));
    return Buffer.concat([
      frame(HEADERS, END_STREAM, stream, literal("grpc-status", "0")),
      ...Array.from({ length: 2000 }, () => frame(CONTINUATION, 0, stream, more)),
    ]);
  }
  const packed = Buffer.concat([literal("x-b", "x".repeat(4000), 64), Buffer.alloc(15_000, 0xbe)]);
  return frame(HEADERS, END_STREAM | END_HEADERS, stream, packed);
}

/** How a caller greets. */
export const greeting: Uint8Array = Buffer.concat([
  PREFACE,
  frame(SETTINGS, 0, 0, new Uint8Array()),
]);

/** The settings of the other side are taken. */
export const settingsTaken: Uint8Array = frame(SETTINGS, ACK, 0, new Uint8Array());

/** Calls of `path` on one connection, from one number to before another, whatever the other side allows. */
export function callsOf(path: string, from: number, to: number): Buffer {
  const asked = Buffer.concat([
    Uint8Array.of(0x83, 0x86),
    literal(":authority", "localhost"),
    literal(":path", path),
    literal("content-type", "application/grpc"),
  ]);
  const message = Buffer.concat([Uint8Array.of(0, 0, 0, 0, 3, 0x12, 1), Buffer.from("k")]);
  return Buffer.concat(
    Array.from({ length: to - from }, (_, at) => [
      frame(HEADERS, END_HEADERS, 2 * (from + at) + 1, asked),
      frame(DATA, END_STREAM, 2 * (from + at) + 1, message),
    ]).flat(),
  );
}

/** Passes a connection on, and knows which call was the last to begin on it. */
export function watched(connection: Duplex): {
  readonly inner: Duplex;
  readonly lastCall: () => number;
} {
  const [inner, outer]: [Duplex, Duplex] = duplexPair();
  let read = Buffer.alloc(0);
  let last = 0;
  connection.on("data", (chunk: Buffer) => {
    read = Buffer.concat([read, chunk]);
    let at = last === 0 ? PREFACE.length : 0;
    for (; at + 9 <= read.length && at + 9 + read.readUIntBE(at, 3) <= read.length;) {
      if (read[at + 3] === HEADERS) last = read.readUInt32BE(at + 5);
      at += 9 + read.readUIntBE(at, 3);
    }
    if (last !== 0) read = read.subarray(at);
  });
  connection.pipe(outer).pipe(connection);
  return { inner, lastCall: () => last };
}
