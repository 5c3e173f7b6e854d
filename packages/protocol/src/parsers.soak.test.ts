import { count } from "@sigilrt/testing/counts";
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  createLaneReader,
  createMessageReader,
  decodeStatusMessage,
  parseHandshake,
  parseLogLine,
  ProtocolError,
} from "./index.ts";
import { createMuxFrameReader } from "./node/mux-frames.ts";

const numRuns = count("inputs");
const pieces = fc.array(
  fc.oneof(
    fc.constantFrom(
      "1",
      "|",
      "unix",
      "tcp",
      "grpc",
      "/s",
      "@message",
      "@level",
      '"',
      "{",
      "}",
      ":",
      "%",
      "panic: ",
      "\n",
    ),
    fc.string({ unit: "binary", maxLength: 8 }),
  ),
  { maxLength: 14 },
);

const failureOf = (work: () => unknown): unknown => {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
};

it("answers every handshake line with data or a typed error", () => {
  fc.assert(
    fc.property(pieces, (parts) => {
      const failure = failureOf(() => parseHandshake(parts.join("")));
      expect(failure === undefined || failure instanceof ProtocolError).toBe(true);
    }),
    { numRuns },
  );
});

it("answers every log line and every status message", () => {
  fc.assert(
    fc.property(pieces, (parts) => {
      expect(parseLogLine(parts.join("")).fields).toBeDefined();
      expect(typeof decodeStatusMessage(parts.join(""))).toBe("string");
    }),
    { numRuns },
  );
});

it("answers all bytes with messages or a typed error", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const failure = failureOf(() => createMessageReader(16).push(bytes));
      expect(failure === undefined || failure instanceof ProtocolError).toBe(true);
    }),
    { numRuns },
  );
});

it("answers all bytes of a multiplexed connection with frames or a typed error", () => {
  const nearly = fc
    .tuple(fc.nat(5), fc.nat(20), fc.nat(3), fc.oneof(fc.nat(20), fc.nat(0xffff_ffff)))
    .map(([type, flags, stream, value]) => {
      const header = Buffer.alloc(12);
      header.writeUInt8(type, 1);
      header.writeUInt16BE(flags, 2);
      header.writeUInt32BE(stream, 4);
      header.writeUInt32BE(value, 8);
      return header;
    });
  fc.assert(
    fc.property(fc.array(fc.oneof(nearly, fc.uint8Array({ maxLength: 24 }))), (parts) => {
      const failure = failureOf(() => {
        const reader = createMuxFrameReader(() => undefined);
        for (const part of parts) reader.push(part);
      });
      expect(failure === undefined || failure instanceof ProtocolError).toBe(true);
    }),
    { numRuns },
  );
});

it("answers all bytes of a lane with frames or a typed error, however they are cut", () => {
  const header = fc
    .tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 10 }), fc.nat(9))
    .map(([length, kind, flags]) => [0, 0, 0, length, kind, flags, 0, 0, 0, 0, 0, 1]);
  const stream = fc
    .array(fc.oneof(header, fc.array(fc.nat(255), { maxLength: 24 })), { maxLength: 6 })
    .map((parts) => Uint8Array.from(parts.flat()));
  const outcome = (parts: readonly Uint8Array[]): unknown => {
    const frames: unknown[] = [];
    const reader = createLaneReader(64, (frame) => frames.push(structuredClone(frame)));
    const failure = failureOf(() => {
      for (const part of parts) reader.push(part);
    });
    if (failure === undefined) return frames;
    return [frames, failure instanceof ProtocolError ? failure.code : failure];
  };
  fc.assert(
    fc.property(stream, fc.nat(60), (bytes, cut) => {
      const whole = outcome([bytes]);
      expect(outcome([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(whole);
      expect(JSON.stringify(whole)).not.toMatch(/RangeError|TypeError/u);
    }),
    { numRuns },
  );
});
