import { resolve } from "node:path";
import { CanonicalError, checkSafePath, foldKey, parseSafePath } from "@sigilrt/canonical";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const segment = fc.oneof(
  fc.string({ maxLength: 6, unit: "binary" }),
  fc.constantFrom("..", ".", "", "a", "con", "a~1", "é", "\\..", "C:", "%2e%2e", " ", "…"),
);
const path = fc.array(segment, { maxLength: 6 }).map((segments) => segments.join("/"));

describe("parseSafePath", () => {
  it("keeps every path it accepts below the folder it is joined to", () => {
    fc.assert(
      fc.property(
        path.filter((text) => checkSafePath(text) === undefined),
        (text) => {
          expect(resolve("/root", parseSafePath(text))).toBe(`/root/${text}`);
        },
      ),
    );
  });

  it("throws with the reason that checkSafePath answers", () => {
    fc.assert(
      fc.property(
        path.filter((text) => checkSafePath(text) !== undefined),
        (text) => {
          expect(() => parseSafePath(text)).toThrow(
            expect.objectContaining({ code: "UNSAFE_PATH", reason: checkSafePath(text) }),
          );
        },
      ),
    );
  });

  it("quotes at most 64 characters of what it refuses, escaped", () => {
    const hostile = `\u001B[2J${"x".repeat(500)}`;
    expect(() => parseSafePath(hostile)).toThrow(CanonicalError);
    expect(() => parseSafePath(hostile)).toThrow(/^[\x20-\x7E…]{1,110}$/u);
  });

  it.each([
    ["x".repeat(255), undefined],
    ["x".repeat(256), "segment-too-long"],
    [Array.from({ length: 32 }, () => "a").join("/"), undefined],
    [Array.from({ length: 33 }, () => "a").join("/"), "too-deep"],
    [`${"é".repeat(100)}/`.repeat(5) + "é".repeat(11), "too-long"],
  ])("holds its limits at %s", (text, reason) => {
    expect(checkSafePath(text)).toBe(reason);
  });
});

describe("foldKey", () => {
  it("is idempotent", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(foldKey(foldKey(text))).toBe(foldKey(text));
      }),
    );
  });

  it("is idempotent on every code point", () => {
    const unstable = Array.from({ length: 0x110000 }, (_, point) => point)
      .filter((point) => point < 0xd800 || point > 0xdfff)
      .map((point) => String.fromCodePoint(point))
      .filter((text) => foldKey(foldKey(text)) !== foldKey(text));
    expect(unstable).toEqual([]);
  });
});
