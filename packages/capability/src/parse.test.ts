import { CapabilityError, LIMITS, parseCapability, parsePattern } from "@sigilrt/capability";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

function refusalOf(attempt: () => unknown): CapabilityError {
  try {
    attempt();
  } catch (error) {
    if (error instanceof CapabilityError) return error;
    throw error;
  }
  throw new Error("Cannot find a refusal: the attempt succeeded");
}

describe("what is well-formed comes back as it is", () => {
  it.each(["a", "*", "a.*", "*.*", "filesystem.read./", "fs.*./a b/*/é", "net.connect.[::1]:443"])(
    "parses the pattern %s",
    (text) => {
      expect(parsePattern(text)).toBe(text);
    },
  );

  it.each(["a", "a-b_C:9@[]", "fs./", "fs./%25/%2A/x.y"])("parses the capability %s", (text) => {
    expect(parseCapability(text)).toBe(text);
  });
});

describe("a refusal says where and what to write instead", () => {
  it.each([
    ["mess*", 4, '"messages.*"'],
    ["**", 1, "whole segment"],
    ["*s", 1, "whole segment"],
    ["a.**", 3, "whole segment"],
    ["fs./a*", 5, "whole segment"],
    ["fs./*.txt", 4, "whole segment"],
    ["a..b", 2, "name is empty"],
    ["a.", 2, "name is empty"],
    [".a", 0, "name is empty"],
    ["", 0, "it is empty"],
    ["./a", 0, "name before it"],
    ["/a", 0, "name before it"],
    ["a/b", 1, "no slash"],
    ["a b", 1, "A-Z a-z"],
    [" a", 0, "no space"],
    ["a.{b,c}", 2, "A-Z a-z"],
    ["fs.//a", 4, "segment is empty"],
    ["fs./a/", 6, "segment is empty"],
    ["fs./a/../b", 6, "resolved path"],
    ["fs./.", 4, "resolved path"],
    ["fs./a\\b", 5, "backslash"],
    ["fs./a%2fb", 5, "%25"],
    ["fs./a\u202eb", 5, "format"],
    ["fs./a\ud800", 5, "surrogate"],
    ["fs./cafe\u0301", 7, "NFC"],
  ])("refuses %j as a pattern at %i", (text, index, hint) => {
    const refusal = refusalOf(() => parsePattern(text));
    expect(refusal.code).toBe("INVALID_PATTERN");
    expect(refusal.issues).toEqual([{ input: text, index, hint: expect.stringContaining(hint) }]);
    expect(refusal.message).toMatch(/^Cannot parse pattern: .*[^.]$/u);
  });

  it.each([
    ["exec.*", 5],
    ["*", 0],
    ["fs./*", 4],
    ["fs./a*b", 5],
    ["mess*", 4],
  ])("refuses the star of %s in a capability", (text, index) => {
    const refusal = refusalOf(() => parseCapability(text));
    expect(refusal.code).toBe("INVALID_CAPABILITY");
    expect(refusal.issues[0]).toMatchObject({
      index,
      hint: expect.stringContaining("no wildcard"),
    });
  });

  it.each([
    [undefined, "(undefined)"],
    [null, "(null)"],
    [7, "(number)"],
    [["a"], "(object)"],
    [{ toString: () => "a" }, "(object)"],
  ])("refuses %s, which is no text", (input, shown) => {
    expect(refusalOf(() => parsePattern(input)).issues[0]?.input).toBe(shown);
    expect(refusalOf(() => parseCapability(input)).issues[0]?.input).toBe(shown);
  });

  it("cuts what it carries and escapes what it quotes", () => {
    const input = `a\u001b[31m"\u202e${"x".repeat(9000)}`;
    const refusal = refusalOf(() => parsePattern(input));
    expect(refusal.issues[0]?.input).toBe(input.slice(0, 256));
    expect(refusal.message).toContain(String.raw`"a\u{1b}[31m\"\u{202e}xxx`);
    expect(refusal.message).not.toContain("\u001b");
    expect(refusal.message.length).toBeLessThan(500);
  });

  it("carries frozen issues", () => {
    const refusal = refusalOf(() => parsePattern("a..b"));
    expect(Object.isFrozen(refusal.issues)).toBe(true);
    expect(Object.isFrozen(refusal.issues[0])).toBe(true);
    expect(refusal.name).toBe("CapabilityError");
  });
});

const names = (count: number): string => Array<string>(count).fill("a").join(".");
const stars = (count: number): string => Array<string>(count).fill("*").join(".");

describe("limits hold at their value and not one past it", () => {
  it("is frozen and says what the grammar allows", () => {
    expect(LIMITS).toEqual({
      capabilityUnits: 4096,
      capabilityTokens: 256,
      patternUnits: 1024,
      patternTokens: 64,
      patternStars: 8,
      setPatterns: 10_000,
      setInnerStars: 256,
    });
    expect(Object.isFrozen(LIMITS)).toBe(true);
  });

  it.each([
    ["a".repeat(1024), "a".repeat(1025)],
    [names(64), names(65)],
    [`${names(62)}./a`, `${names(62)}./a/a`],
    [`${names(63)}./`, `${names(64)}./`],
    [stars(8), stars(9)],
    ["a./*/*/*/*/*/*/*/*", "a./*/*/*/*/*/*/*/*/*"],
  ])("for patterns (case %#)", (longest, tooLong) => {
    expect(parsePattern(longest)).toBe(longest);
    expect(refusalOf(() => parsePattern(tooLong)).code).toBe("INVALID_PATTERN");
  });

  it.each([
    ["a".repeat(4096), "a".repeat(4097)],
    [names(256), names(257)],
    [`${names(254)}./a`, `${names(254)}./a/a`],
  ])("for capabilities (case %#)", (longest, tooLong) => {
    expect(parseCapability(longest)).toBe(longest);
    expect(refusalOf(() => parseCapability(tooLong)).code).toBe("INVALID_CAPABILITY");
  });
});

const outcome = (parse: (input: unknown) => string, input: unknown): unknown => {
  try {
    return parse(input) === input;
  } catch (error) {
    return error instanceof CapabilityError && error.issues.length > 0;
  }
};

it("throws nothing but a CapabilityError, and returns accepted text unchanged", () => {
  const units = fc.string({ unit: "binary", maxLength: 20 });
  const almost = fc.string({
    unit: fc.constantFrom(...Array.from("ab.*/%25A\\ é\ud800\u0301")),
    maxLength: 16,
  });
  fc.assert(
    fc.property(fc.oneof(units, almost, fc.anything()), (input) => {
      expect(outcome(parsePattern, input)).toBe(true);
      expect(outcome(parseCapability, input)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
