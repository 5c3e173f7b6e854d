import type { Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import { STATUS } from "../index.ts";
import { socketPair } from "../testing/socket-folder.ts";
import { failureOf } from "../testing/stream-calls.ts";
import { createGrpcServer, type Method, openGrpcChannel, unaryRoute } from "./index.ts";

const echo: Method<Uint8Array, Uint8Array> = {
  path: "/test.Echo/Echo",
  kind: "unary",
  encode: (message) => message,
  decode: (message) => message,
};

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const DATA = 0;
const HEADERS = 1;
const RST = 3;
const SETTINGS = 4;
const PING = 6;
const CONTINUATION = 9;
const END_STREAM = 1;
const END_HEADERS = 4;

function frame(type: number, flags: number, stream: number, body: Uint8Array): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(body.byteLength, 0, 3);
  header.writeUInt8(type, 3);
  header.writeUInt8(flags, 4);
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, body]);
}

const literal = (name: string, value: string): Buffer =>
  Buffer.concat([
    Uint8Array.of(0, name.length),
    Buffer.from(name),
    Uint8Array.of(value.length),
    Buffer.from(value),
  ]);
const answerHeaders = Buffer.concat([
  Uint8Array.of(0x88),
  literal("content-type", "application/grpc"),
]);
const statusHeader = literal("grpc-status", "0");
const nothing = new Uint8Array();
const many = (times: number, piece: Buffer): Buffer => Buffer.alloc(piece.length * times, piece);
const begin = frame(HEADERS, END_HEADERS, 1, answerHeaders);

/** Whether a caller has begun a call. */
function asks(read: Buffer): boolean {
  for (let at = PREFACE.length; at + 9 <= read.length; at += 9 + read.readUIntBE(at, 3)) {
    if (read[at + 3] === HEADERS) return true;
  }
  return false;
}

/** A callee that is nothing but bytes: what it answers to the first call. */
async function answered(bytes: Buffer): Promise<unknown> {
  const [near, far]: readonly [Duplex, Duplex] = await socketPair();
  far.on("error", () => undefined);
  far.write(frame(SETTINGS, 0, 0, nothing));
  const channel = await openGrpcChannel(async () => near, { maxMessageBytes: 65_536 });
  let read = Buffer.alloc(0);
  far.on("data", (chunk: Buffer) => {
    const isAsked = asks(read);
    read = Buffer.concat([read, chunk]);
    if (!isAsked && asks(read)) far.write(bytes);
  });
  const failure = await failureOf(channel.unary(echo, Uint8Array.of(1), { timeoutMs: 20_000 }));
  await channel.close();
  far.destroy();
  return failure;
}

describe("a callee", () => {
  it.each([
    [
      "claims a message of 4 GiB",
      Buffer.concat([begin, frame(DATA, 0, 1, Uint8Array.of(0, 255, 255, 255, 255))]),
      ["MESSAGE_TOO_LARGE", STATUS.RESOURCE_EXHAUSTED],
    ],
    [
      "sends a compressed message, which may be a bomb",
      Buffer.concat([begin, frame(DATA, 0, 1, Uint8Array.of(1, 0, 0, 0, 1, 0))]),
      ["FRAME_MALFORMED", STATUS.INTERNAL],
    ],
    [
      "goes on after a status in its first headers",
      Buffer.concat([
        frame(HEADERS, END_HEADERS, 1, Buffer.concat([answerHeaders, statusHeader])),
        frame(DATA, END_STREAM, 1, Uint8Array.of(0, 0, 0, 0, 1, 7)),
      ]),
      ["FRAME_MALFORMED", STATUS.INTERNAL],
    ],
    [
      "ends without trailers",
      Buffer.concat([begin, frame(DATA, END_STREAM, 1, Uint8Array.of(0, 0, 0, 0, 1, 7))]),
      ["CALL_FAILED", STATUS.UNKNOWN],
    ],
    [
      "sends headers without end",
      Buffer.concat([
        frame(HEADERS, 0, 1, answerHeaders),
        many(200, frame(CONTINUATION, 0, 1, many(40, literal("x-bomb", "x".repeat(100))))),
      ]),
      ["CALL_FAILED", STATUS.UNAVAILABLE],
    ],
    [
      "sends what is no frame",
      many(100, Buffer.from("HTTP/1.1 200 OK\r\n\r\n")),
      ["CALL_FAILED", STATUS.UNAVAILABLE],
    ],
  ])("that %s fails the call alone", async (_, bytes, failure) => {
    expect(await answered(bytes)).toEqual(failure);
  });
});

describe("a caller", () => {
  const request = Buffer.concat([
    Uint8Array.of(0x83, 0x86),
    literal(":authority", "localhost"),
    literal(":path", echo.path),
    literal("content-type", "application/grpc"),
  ]);
  const rapid = Array.from({ length: 20_000 }, (_, index) =>
    Buffer.concat([
      frame(HEADERS, END_HEADERS, 2 * index + 1, request),
      frame(RST, 0, 2 * index + 1, Uint8Array.of(0, 0, 0, 8)),
    ]),
  );

  it.each([
    ["settings", many(50_000, frame(SETTINGS, 0, 0, nothing))],
    ["pings", many(50_000, frame(PING, 0, 0, new Uint8Array(8)))],
    ["calls that it resets", Buffer.concat(rapid)],
  ])("that floods with %s is cut off, and others are served", async (_, flood) => {
    const server = createGrpcServer([unaryRoute(echo, async (message) => message)]);
    const [near, far] = await socketPair();
    server.accept(far);
    const before = process.memoryUsage().rss;
    near.on("error", () => undefined);
    near.write(Buffer.concat([PREFACE, frame(SETTINGS, 0, 0, nothing), flood]));
    // It reads nothing of what it is answered.
    await new Promise((resolve) => far.once("close", resolve));
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 28);
    near.destroy();

    const [other, end] = await socketPair();
    server.accept(end);
    const channel = await openGrpcChannel(async () => other);
    expect([...(await channel.unary(echo, Uint8Array.of(7)))]).toEqual([7]);
    await channel.close();
    await server.close();
  });
});
