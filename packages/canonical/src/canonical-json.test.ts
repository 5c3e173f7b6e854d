import { canonicalize, CanonicalError, type JsonValue, parseCanonical } from "@sigilrt/canonical";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const json = fc.jsonValue({ noUnicodeString: false, maxDepth: 6 });
const wellFormed = json.filter((value) => JSON.stringify(value).isWellFormed());
const deep = (levels: number): JsonValue => (levels === 0 ? [] : [deep(levels - 1)]);

const failureOf = (work: () => unknown): string => {
  try {
    work();
    return "none";
  } catch (error) {
    return error instanceof CanonicalError ? error.name : String(error);
  }
};

describe("canonicalize", () => {
  it("is undone by parseCanonical", () => {
    fc.assert(
      fc.property(wellFormed, (value) => {
        const text = canonicalize(value as JsonValue);
        expect(parseCanonical(bytes(text))).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalize(JSON.parse(text))).toBe(text);
      }),
    );
  });

  it("does not depend on the order of keys", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.integer()), (members) => {
        const backwards = Object.fromEntries(Object.entries(members).toReversed());
        expect(canonicalize(backwards)).toBe(canonicalize(members));
      }),
    );
  });

  it("reads each property once", () => {
    let reads = 0;
    const value = {
      get amount() {
        reads += 1;
        return reads;
      },
    };
    expect(canonicalize(value)).toBe('{"amount":1}');
  });

  it("takes __proto__ for an ordinary key", () => {
    expect(canonicalize(JSON.parse('{"__proto__":{"a":1}}'))).toBe('{"__proto__":{"a":1}}');
  });

  it("does not call toJSON of a prototype that someone changed", () => {
    expect(canonicalize(Object.create(null, { a: { value: 1, enumerable: true } }))).toBe(
      '{"a":1}',
    );
  });

  it("refuses an array with further properties instead of losing them", () => {
    const list = Object.assign([1], { extra: 2 });
    expect(() => canonicalize(list)).toThrow(
      expect.objectContaining({ code: "NOT_REPRESENTABLE", reason: "not-json" }),
    );
    expect(() => canonicalize(Object.assign([1], { [Symbol("a")]: 2 }))).toThrow(CanonicalError);
  });

  it("writes 64 containers inside each other and refuses the 65th", () => {
    expect(canonicalize(deep(63))).toHaveLength(128);
    expect(() => canonicalize(deep(64))).toThrow(expect.objectContaining({ reason: "too-deep" }));
  });
});

describe("parseCanonical", () => {
  it("refuses more bytes than it was told to read", () => {
    expect(() => parseCanonical(bytes('"abc"'), { maxBytes: 4 })).toThrow(
      expect.objectContaining({ code: "NOT_CANONICAL", reason: "too-large" }),
    );
    expect(() => parseCanonical(new Uint8Array(1_048_577))).toThrow(
      expect.objectContaining({ reason: "too-large" }),
    );
  });

  it("ends on brackets nested past every limit", () => {
    expect(() => parseCanonical(bytes("[".repeat(500_000) + "]".repeat(500_000)))).toThrow(
      expect.objectContaining({ code: "NOT_CANONICAL" }),
    );
  });

  it("throws nothing but CanonicalError, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (input) => {
        expect(failureOf(() => parseCanonical(input))).toMatch(/^(?:none|CanonicalError)$/u);
      }),
    );
  });
});
