import fc from "fast-check";
import { expect, it } from "vitest";
import { ProtocolError } from "../index.ts";
import { createMuxFrameReader, type MuxEvent, muxFrame } from "./mux-frames.ts";

const headerOf = (type: number, flags: number, stream: number, value: number): Uint8Array => {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt8(type, 1);
  bytes.writeUInt16BE(flags, 2);
  bytes.writeUInt32BE(stream, 4);
  bytes.writeUInt32BE(value, 8);
  return bytes;
};

/** What a reader makes of bytes in these pieces; parts of one body are joined. */
function readAll(pieces: readonly Uint8Array[]): readonly (MuxEvent | string)[] {
  const events: (MuxEvent | string)[] = [];
  const reader = createMuxFrameReader((event) => {
    const last = events.at(-1);
    const isMore = event.kind === "body" && typeof last === "object" && last.kind === "body";
    if (isMore) events.pop();
    const part = isMore ? Buffer.concat([last.part, event.part]) : undefined;
    events.push(
      event.kind === "body"
        ? { kind: "body", stream: event.stream, part: part ?? Buffer.from(event.part) }
        : event,
    );
  });
  try {
    for (const piece of pieces) reader.push(piece);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    events.push(error.message);
  }
  return events;
}

const frames = fc.oneof(
  fc
    .tuple(fc.nat(9), fc.nat(15), fc.uint8Array({ maxLength: 40 }))
    .map(([stream, flags, body]) => Buffer.concat([headerOf(0, flags, stream, body.length), body])),
  fc
    .tuple(fc.nat(4), fc.nat(20), fc.nat(9), fc.nat(300_000))
    .map(([type, flags, stream, value]) => headerOf(type, flags, stream, value)),
  fc.uint8Array({ maxLength: 30 }),
);

it("reads the same from any cut of the bytes", () => {
  fc.assert(
    fc.property(fc.array(frames, { maxLength: 8 }), fc.array(fc.nat(30)), (parts, cuts) => {
      const whole = Buffer.concat(parts);
      const pieces: Uint8Array[] = [];
      let at = 0;
      for (const cut of cuts) {
        pieces.push(whole.subarray(at, at + cut));
        at += cut;
      }
      pieces.push(whole.subarray(at));
      const single = Array.from(whole, (byte) => Uint8Array.of(byte));
      expect(readAll(pieces)).toEqual(readAll([whole]));
      expect(readAll(single)).toEqual(readAll([whole]));
    }),
  );
});

it("reads what it writes", () => {
  const bytes = [
    muxFrame.data(3, 2),
    Uint8Array.of(7, 8),
    muxFrame.window(3, 5, 9),
    muxFrame.pong(11),
    muxFrame.goaway(1),
  ];
  expect(readAll(bytes)).toEqual([
    { kind: "data", stream: 3, flags: 0, bytes: 2 },
    { kind: "body", stream: 3, part: Buffer.from([7, 8]) },
    { kind: "window", stream: 3, flags: 5, bytes: 9 },
    { kind: "ping", isAnswer: true, value: 11 },
    { kind: "goaway", reason: 1 },
  ]);
});

it.each([
  ["another version", Buffer.concat([Uint8Array.of(1), muxFrame.pong(0).subarray(1)])],
  ["an unknown type", headerOf(4, 0, 0, 0)],
  ["unknown flags", headerOf(0, 16, 1, 0)],
  ["a body of more than 256 KiB", headerOf(0, 0, 1, 262_145)],
  ["a ping of a stream", headerOf(2, 1, 1, 0)],
  ["a farewell of a stream", headerOf(3, 0, 1, 0)],
])("refuses %s by its header", (_, header) => {
  const reader = createMuxFrameReader(() => expect.unreachable());
  expect(() => reader.push(header)).toThrow(expect.objectContaining({ code: "MUX_VIOLATED" }));
});
