import fc from "fast-check";
import { expect, it } from "vitest";
import { createMessageReader, frameMessage } from "./index.ts";

const cuts = fc.array(fc.nat(400), { maxLength: 12 });

it("reads the same messages however the bytes are cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 }),
      cuts,
      (messages, at) => {
        const bytes = Buffer.concat(messages.map(frameMessage));
        const edges = [0, ...at.filter((edge) => edge <= bytes.length), bytes.length].toSorted(
          (a, b) => a - b,
        );
        const reader = createMessageReader(60);
        const seen = edges.flatMap((edge, index) =>
          reader.push(bytes.subarray(edges[index - 1] ?? 0, edge)),
        );
        reader.end();
        expect(seen.map((message) => Array.from(message))).toEqual(
          messages.map((message) => Array.from(message)),
        );
      },
    ),
  );
});

it("refuses a length above the limit before a byte of the message arrives", () => {
  expect(() => createMessageReader(10).push(Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff))).toThrow(
    expect.objectContaining({ code: "MESSAGE_TOO_LARGE", status: 8 }),
  );
});

it("takes a message of exactly the limit", () => {
  expect(createMessageReader(10).push(frameMessage(new Uint8Array(10)))).toHaveLength(1);
});

it("refuses a compressed message and one cut short", () => {
  expect(() => createMessageReader(10).push(Uint8Array.of(1, 0, 0, 0, 0))).toThrow(
    expect.objectContaining({ code: "FRAME_MALFORMED" }),
  );
  for (const part of [1, 4, 5, 6]) {
    const reader = createMessageReader(10);
    reader.push(frameMessage(new Uint8Array(3)).subarray(0, part));
    expect(() => reader.end()).toThrow(expect.objectContaining({ code: "FRAME_MALFORMED" }));
  }
});
