import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLaneReader, encodeLaneFrame, type LaneFrame } from "./index.ts";

const MAX = 4096;
const u32 = (max = 0xffff_ffff) => fc.integer({ min: 0, max });
const stream = fc.integer({ min: 1, max: 0xffff_ffff });
const name = fc.stringMatching(/^[a-z0-9._-]{1,12}$/u).filter((text) => text !== "__proto__");
const metadata = fc
  .dictionary(name, fc.stringMatching(/^[ -~]{0,20}$/u), { maxKeys: 4, noNullPrototype: false })
  .map((entries) => Object.assign(Object.create(null), entries));
const bytes = fc.uint8Array({ maxLength: 60 });
const carried = fc.oneof(
  fc.record({ message: bytes, hasMore: fc.constant(false), isLast: fc.boolean() }),
  fc.record({
    message: fc.uint8Array({ minLength: 1, maxLength: 60 }),
    hasMore: fc.constant(true),
    isLast: fc.constant(false),
  }),
  fc.record({ hasMore: fc.constant(false), isLast: fc.boolean() }),
);
const status = fc.integer({ min: 0, max: 16 });
const text = fc.string({ unit: "grapheme", maxLength: 40 }).filter((words) => words.isWellFormed());
const value = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const frames: fc.Arbitrary<LaneFrame> = fc.oneof(
  fc
    .tuple(fc.record({ stream, method: u32(0xffff), timeoutMs: u32(), metadata }), carried)
    .map(([head, part]) => Object.assign({ kind: "open" as const }, head, part)),
  fc
    .tuple(stream, carried)
    .map(([id, part]) => Object.assign({ kind: "data" as const, stream: id }, part)),
  fc.record({ kind: fc.constantFrom("end" as const, "cancel" as const), stream, status, text }),
  fc.record({
    kind: fc.constant("credit" as const),
    stream: u32(),
    bytes: fc.integer({ min: 1, max: 0xffff_ffff }),
  }),
  fc.record({ kind: fc.constantFrom("ping" as const, "pong" as const), value }),
  fc.record({ kind: fc.constant("goaway" as const), lastStream: u32(), text }),
);

const read = (pieces: readonly Uint8Array[], maxFrameBytes = MAX): readonly LaneFrame[] => {
  const seen: LaneFrame[] = [];
  const reader = createLaneReader(maxFrameBytes, (frame) => seen.push(frame));
  for (const piece of pieces) reader.push(piece);
  return seen;
};

describe("a frame", () => {
  it("is read as it was written, however the bytes are cut", () => {
    fc.assert(
      fc.property(
        fc.array(frames, { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 }),
        (sent, widths) => {
          const whole = Buffer.concat(sent.map(encodeLaneFrame));
          const pieces: Uint8Array[] = [];
          for (let at = 0, turn = 0; at < whole.length; turn += 1) {
            const width = widths[turn % widths.length] ?? 1;
            pieces.push(Uint8Array.from(whole.subarray(at, at + width)));
            at += width;
          }
          expect(read(pieces)).toEqual(sent);
          expect(read([Uint8Array.from(whole)])).toEqual(sent);
        },
      ),
    );
  });

  it("has its frozen bytes", () => {
    const hex = (frame: LaneFrame): string => Buffer.from(encodeLaneFrame(frame)).toString("hex");
    const open = { kind: "open", stream: 1, method: 2, timeoutMs: 1000, hasMore: false } as const;
    expect(hex({ ...open, metadata: { a: "b" }, message: Uint8Array.of(7), isLast: true })).toBe(
      "000000140101000200000001000003e80005016100016207",
    );
    expect(
      hex({ kind: "data", stream: 3, hasMore: true, isLast: false, message: Uint8Array.of(9) }),
    ).toBe("00000009020200000000000309");
    expect(hex({ kind: "data", stream: 3, hasMore: false, isLast: true })).toBe(
      "000000080205000000000003",
    );
    expect(hex({ kind: "end", stream: 1, status: 5, text: "no" })).toBe(
      "0000000d03000000000000010500026e6f",
    );
    expect(hex({ kind: "cancel", stream: 1, status: 1, text: "" })).toBe(
      "00000009040000000000000101",
    );
    expect(hex({ kind: "credit", stream: 0, bytes: 65_536 })).toBe(
      "0000000c050000000000000000010000",
    );
    expect(hex({ kind: "ping", value: 1n })).toBe("0000001006000000000000000000000000000001");
    expect(hex({ kind: "pong", value: 2n })).toBe("0000001007000000000000000000000000000002");
    expect(hex({ kind: "goaway", lastStream: 4, text: "x" })).toBe(
      "0000000d08000000000000000000000478",
    );
  });

  it("keeps at most 1 KiB of a text, and no half character", () => {
    const [frame] = read([
      encodeLaneFrame({ kind: "end", stream: 1, status: 2, text: "€".repeat(999) }),
    ]);
    expect(frame).toMatchObject({ text: "€".repeat(341) });
  });
});

const frame = (kind: number, flags: number, body: string, method = 0, id = 1): Uint8Array => {
  const content = Buffer.from(body, "hex");
  const head = Buffer.alloc(12);
  head.writeUInt32BE(8 + content.length);
  head[4] = kind;
  head[5] = flags;
  head.writeUInt16BE(method, 6);
  head.writeUInt32BE(id, 8);
  return Uint8Array.from(Buffer.concat([head, content]));
};

describe("a reader of frames", () => {
  it.each([
    ["a length below a header", Uint8Array.of(0, 0, 0, 7, 1, 0, 0, 0)],
    ["kind 0", frame(0, 0, "")],
    ["kind 9", frame(9, 0, "")],
    ["unknown flags", frame(2, 8, "00")],
    ["a part that brings nothing", frame(2, 2, "")],
    ["a part that is the last", frame(2, 3, "00")],
    ["bytes where no message is", frame(2, 4, "00")],
    ["a method of a data frame", frame(2, 0, "00", 1)],
    ["flags of an end", frame(3, 1, "000000")],
    ["an opening cut short", frame(1, 0, "0000000000")],
    ["metadata beyond their frame", frame(1, 0, "00000000ffff")],
    ["metadata whose name is cut short", frame(1, 0, "0000000000020561")],
    ["metadata whose value is cut short", frame(1, 0, "00000000000401610009")],
    ["metadata with an upper-case name", frame(1, 0, "0000000000050141000162")],
    ["metadata with a line break", frame(1, 0, "000000000005016100010a")],
    ["metadata twice", frame(1, 0, "00000000000a" + "0161000162".repeat(2))],
    ["a call on stream 0", frame(2, 0, "00", 0, 0)],
    ["an end without a text's length", frame(3, 0, "00")],
    ["an end with a text beyond it", frame(3, 0, "00000261")],
    ["an unknown status", frame(3, 0, "110000")],
    ["an empty cancel", frame(4, 0, "")],
    ["a text above 1 KiB", frame(4, 0, "01" + "61".repeat(1025))],
    ["a credit of nothing", frame(5, 0, "00000000")],
    ["a credit of another size", frame(5, 0, "0000000001")],
    ["a ping of another size", frame(6, 0, "00", 0, 0)],
    ["a ping on a stream", frame(6, 0, "0000000000000001")],
    ["a farewell without a number", frame(8, 0, "0000", 0, 0)],
  ])("refuses %s", (_what, given) => {
    expect(() => read([given])).toThrow(expect.objectContaining({ code: "FRAME_MALFORMED" }));
    // Byte by byte as well.
    expect(() => read(Array.from(given, (byte) => Uint8Array.of(byte)))).toThrow(
      expect.objectContaining({ code: "FRAME_MALFORMED" }),
    );
  });

  it("refuses a frame above its limit by its length alone", () => {
    const length = Uint8Array.of(0, 0, 16, 0);
    expect(() => read([length])).toThrow(expect.objectContaining({ code: "FRAME_TOO_LARGE" }));
    expect(() => read([length.subarray(0, 2), length.subarray(2)])).toThrow(
      expect.objectContaining({ code: "FRAME_TOO_LARGE" }),
    );
    expect(read([Uint8Array.of(0, 0, 15, 252)])).toEqual([]);
  });
});

describe("a writer of frames", () => {
  const open = { kind: "open", stream: 1, method: 0, hasMore: false, isLast: true } as const;
  it.each([
    [{ ...open, timeoutMs: -1, metadata: {} }, RangeError],
    [{ ...open, timeoutMs: 2 ** 32, metadata: {} }, RangeError],
    [{ ...open, timeoutMs: 0, metadata: { Upper: "x" } }, TypeError],
    [{ ...open, timeoutMs: 0, metadata: { a: "ü" } }, TypeError],
    [
      { ...open, timeoutMs: 0, metadata: { a: "x".repeat(8192), b: "x".repeat(8192), c: "" } },
      RangeError,
    ],
  ])("refuses what the wire has no room for", (given, type) => {
    expect(() => encodeLaneFrame(given)).toThrow(type);
  });
});
