import fc from "fast-check";
import { expect, it } from "vitest";
import { der } from "./der.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

it.for([
  ["a short sequence", der.sequence(der.boolean(true), der.boolean(false)), "30060101ff010100"],
  ["a small integer", der.integer(Uint8Array.of(2)), "020102"],
  ["zero", der.integer(Uint8Array.of(0, 0)), "020100"],
  ["a top bit", der.integer(Uint8Array.of(0x80)), "02020080"],
  ["leading zeros", der.integer(Uint8Array.of(0, 0, 0x7f)), "02017f"],
  ["unused bits", der.bitString(Uint8Array.of(0xac), 2), "030202ac"],
  ["an identifier", der.objectIdentifier("1.2.840.10045.4.3.2"), "06082a8648ce3d040302"],
  [
    "a time of this century",
    der.time(new Date("2026-01-02T03:04:05.999Z")),
    "170d3236303130323033303430355a",
  ],
  [
    "a time past 2049",
    der.time(new Date("2050-01-01T00:00:00Z")),
    "180f32303530303130313030303030305a",
  ],
  ["a tag of its own", der.explicit(3, der.boolean(true)), "a3030101ff"],
  ["another tag", der.implicit(2, Uint8Array.of(0x61)), "820161"],
] as const)("writes %s as X.690 says", ([, written, expected]) => {
  expect(hex(written)).toBe(expected);
});

it("writes lengths in the shortest form", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 70_000 }), (length) => {
      const written = der.octetString(new Uint8Array(length));
      const long = length >= 0x80 ? (length >= 0x100 ? (length >= 0x1_00_00 ? 3 : 2) : 1) : 0;
      expect(written.length).toBe(2 + long + length);
      expect(written[1]).toBe(long === 0 ? length : 0x80 | long);
    }),
    { numRuns: 200 },
  );
});
