import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  foldedPatternCovers,
  matchesExactly,
  matchesFoldedOrAbove,
  parsePathPattern,
  patternCovers,
} from "./path-pattern.ts";

const matches = (pattern: string, path: string): boolean =>
  matchesExactly(parsePathPattern(pattern), path.split("/"));

describe("a pattern of paths", () => {
  it("keeps a star within its segment", () => {
    // The original read "*" as any text, "/" included.
    expect(matches("src/*", "src/a/b")).toBe(false);
    expect(matches("src/*.ts", "src/deep/a.ts")).toBe(false);
    expect(matches("*", "a/b")).toBe(false);
    expect(matches("src/*.ts", "src/a.ts")).toBe(true);
  });

  it.each([
    ["**", "a", true],
    ["**", "a/b/c", true],
    ["a/**", "a", false],
    ["a/**", "a/b/c", true],
    ["**/c", "c", true],
    ["**/c", "a/b/c", true],
    ["a/**/c", "a/c", true],
    ["a/**/c", "a/b/b/c", true],
    ["a/**/c", "b/c", false],
    ["a*c", "abbc", true],
    ["a*c", "ac", true],
    ["a*c*e", "abcde", true],
    ["ab*ba", "aba", false],
    ["a", "A", false],
  ])("%s against %s is %s", (pattern, path, expected) => {
    expect(matches(pattern, path)).toBe(expected);
  });

  it.each([
    "",
    "/a",
    "../a",
    "a/../b",
    "a//b",
    "a/",
    "./a",
    "a**",
    "**a/b",
    "***",
    "!a",
    "a?",
    "{a,b}",
    "[ab]",
    "a\\b",
    "a\0",
    "a:b",
  ])("is not %j", (pattern) => {
    expect(() => parsePathPattern(pattern)).toThrow(RangeError);
  });

  it("takes what folds to the same for the same, and what is below it, when it denies", () => {
    const pattern = parsePathPattern("out/Secret");
    for (const path of ["out/secret", "out/secret/key", "out/secret/a/b"]) {
      expect(matchesFoldedOrAbove(pattern, path.split("/"))).toBe(true);
    }
    expect(matchesFoldedOrAbove(pattern, ["out"])).toBe(false);
    expect(matchesFoldedOrAbove(pattern, ["out", "secrets"])).toBe(false);
  });

  it("takes a full-width star for a character", () => {
    expect(matches("＊", "abc")).toBe(false);
    expect(matchesFoldedOrAbove(parsePathPattern("＊"), ["abc"])).toBe(false);
  });

  it("ends at once on a path that would make backtracking explode", () => {
    const pattern = `${"**/a*a*a*a*a*a*b/".repeat(10)}end`;
    expect(matches(pattern, Array.from({ length: 32 }, () => "a".repeat(30)).join("/"))).toBe(
      false,
    );
  });

  it("equals a simple model", () => {
    const segment = fc.constantFrom("a", "b", "ab", "ba", "aab");
    const part = fc.constantFrom("a", "b", "*", "a*", "*b", "a*b", "**");
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 6 }),
        fc.array(segment, { minLength: 1, maxLength: 6 }),
        (parts, path) => {
          expect(matches(parts.join("/"), path.join("/"))).toBe(model(parts, path));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("is covered only by what matches everything that it matches", () => {
    const segment = fc.constantFrom("a", "b", "ab", "ba", "aab");
    const part = fc.constantFrom("a", "b", "*", "a*", "*b", "a*b", "**");
    const pattern = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
    fc.assert(
      fc.property(
        pattern,
        pattern,
        fc.array(segment, { minLength: 1, maxLength: 5 }),
        (wide, narrow, path) => {
          const [outer, inner] = [parsePathPattern(wide), parsePathPattern(narrow)];
          const exact = patternCovers(outer, inner) && matchesExactly(inner, path);
          const folded = foldedPatternCovers(outer, inner) && matchesFoldedOrAbove(inner, path);
          expect(!exact || matchesExactly(outer, path)).toBe(true);
          expect(!folded || matchesFoldedOrAbove(outer, path)).toBe(true);
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ["a/**", "a/b"],
    ["a/**", "a/*"],
    ["a/**", "a/**"],
    ["**", "a/**"],
    ["*", "a*"],
    ["a*", "ab*"],
    ["**/c", "a/c"],
  ])("%s covers %s", (wide, narrow) => {
    expect(patternCovers(parsePathPattern(wide), parsePathPattern(narrow))).toBe(true);
  });
});

/** What the words of the README mean, in the slowest way. */
function model(parts: readonly string[], path: readonly string[]): boolean {
  const [part, ...rest] = parts;
  if (part === undefined) return path.length === 0;
  if (part === "**") {
    const from = rest.length === 0 ? 1 : 0;
    for (let taken = from; taken <= path.length; taken += 1) {
      if (model(rest, path.slice(taken))) return true;
    }
    return false;
  }
  const [segment] = path;
  if (segment === undefined) return false;
  const matcher = new RegExp(`^${part.replaceAll("*", ".*")}$`, "u");
  return matcher.test(segment) && model(rest, path.slice(1));
}
