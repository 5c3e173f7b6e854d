import { CapabilityError, CapabilitySet } from "@sigilrt/capability";
import { describe, expect, it } from "vitest";

const from = (patterns: Iterable<string>): CapabilitySet => CapabilitySet.from(patterns);

function refusalOf(attempt: () => unknown): CapabilityError {
  try {
    attempt();
  } catch (error) {
    if (error instanceof CapabilityError) return error;
    throw error;
  }
  throw new Error("Cannot find a refusal: the attempt succeeded");
}

function* endless(): Generator<string> {
  for (let number = 0; ; number += 1) yield `a.n${number}`;
}

describe("making a set", () => {
  it("sorts, drops duplicates and freezes", () => {
    const set = from(["b", "a.*", "b", "*"]);
    expect(set.patterns).toEqual(["*", "a.*", "b"]);
    expect(Object.isFrozen(set)).toBe(true);
    expect(Object.isFrozen(set.patterns)).toBe(true);
  });

  it("takes any iterable, and none of its later changes", () => {
    const list = ["a"];
    const set = from(list);
    list.push("b");
    expect(set.contains("b")).toBe(false);
    expect(from(new Set(["a"])).patterns).toEqual(["a"]);
  });

  it("contains nothing when it is empty", () => {
    expect(CapabilitySet.empty.patterns).toEqual([]);
    expect(CapabilitySet.empty.contains("a")).toBe(false);
    expect(from([]).contains("")).toBe(false);
  });

  it("refuses all patterns when one is malformed, and lists every issue", () => {
    const refusal = refusalOf(() => from(["ok.read", "mess*", "a..b", "exec.*"]));
    expect(refusal.code).toBe("INVALID_PATTERN");
    expect(refusal.issues.map(({ input, index }) => [input, index])).toEqual([
      ["mess*", 4],
      ["a..b", 2],
    ]);
  });

  it("refuses a member that is no text", () => {
    // @ts-expect-error: a caller without types may pass anything
    expect(refusalOf(() => from(["a", 7])).code).toBe("INVALID_PATTERN");
  });

  it("refuses one string and what cannot be iterated as a mistake of the caller", () => {
    expect(() => from("exec.run")).toThrow(TypeError);
    // @ts-expect-error: a caller without types may pass anything
    expect(() => from(undefined)).toThrow(TypeError);
  });

  it("holds 10,000 patterns and not one more", () => {
    const patterns = Array.from({ length: 10_001 }, (_, number) => `a.n${number}`);
    const set = from(patterns.slice(1));
    expect(set.contains("a.n10000")).toBe(true);
    expect(set.contains("a.n0")).toBe(false);
    expect(refusalOf(() => from(patterns)).code).toBe("LIMIT_EXCEEDED");
  });

  it("holds 256 patterns with an inner star and not one more", () => {
    const starred = Array.from({ length: 257 }, (_, number) => `a.*.n${number}`);
    const trailing = Array.from({ length: 500 }, (_, number) => `b.n${number}.*`);
    expect(from([...starred.slice(1), ...trailing]).contains("a.x.n256")).toBe(true);
    expect(refusalOf(() => from([...starred, ...trailing])).code).toBe("LIMIT_EXCEEDED");
  });

  it("ends on an endless list", () => {
    expect(refusalOf(() => from(endless())).code).toBe("LIMIT_EXCEEDED");
  });
});

describe("a set cannot be imitated", () => {
  it("is made by from alone", () => {
    // @ts-expect-error: the constructor is private
    expect(() => new CapabilitySet(Symbol("guess"), ["*"])).toThrow(TypeError);
    // @ts-expect-error: the constructor is private
    class Wide extends CapabilitySet {}
    // @ts-expect-error: the constructor is private
    expect(() => new Wide(Symbol("guess"), ["*"])).toThrow(TypeError);
  });

  it("tells a set from an object that looks like one", () => {
    const imitation: unknown = Object.create(CapabilitySet.prototype, {
      contains: { value: () => true },
    });
    expect(imitation instanceof CapabilitySet).toBe(false);
    expect({ patterns: ["*"], contains: () => true } instanceof CapabilitySet).toBe(false);
    expect(from(["a"]) instanceof CapabilitySet).toBe(true);
  });
});

describe("asking a set", () => {
  const set = from(["a.b", "a.*.c", "*.d", "fs.read./data/*"]);

  it.each([
    ["a.b", "a.b"],
    ["a.x.c", "a.*.c"],
    ["a.x.y.c", "a.*.c"],
    ["a.x.d", "*.d"],
    ["fs.read./data/a.txt", "fs.read./data/*"],
    ["a.x.e", undefined],
    ["a", undefined],
    ["a.*", undefined],
    ["fs.read./data/../etc", undefined],
  ])("explains %s by %s", (capability, pattern) => {
    expect(set.explain(capability)).toBe(pattern);
    expect(set.contains(capability)).toBe(pattern !== undefined);
  });

  it("gives equal sets equal explanations", () => {
    const patterns = ["a.*", "*.c", "a.b.c", "a.*.c", "*"];
    const one = from(patterns).explain("a.b.c");
    expect(from(patterns.toReversed()).explain("a.b.c")).toBe(one);
    expect(patterns).toContain(one);
  });

  it.each([undefined, null, 7, ["a.b"]])("contains no %s", (value) => {
    // @ts-expect-error: a caller without types may pass anything
    expect(set.contains(value)).toBe(false);
    // @ts-expect-error: a caller without types may pass anything
    expect(set.explain(value)).toBeUndefined();
  });

  it("allows by two sets what both contain", () => {
    const other = from(["a.*"]);
    expect(set.allowedBy(other, "a.b")).toBe(true);
    expect(set.allowedBy(other, "x.d")).toBe(false);
    expect(set.allowedBy(other, "a.z")).toBe(false);
    expect(set.allowedBy(CapabilitySet.empty, "a.b")).toBe(false);
  });

  it("walks many stars and finds the one that ends", () => {
    const stars = from(["*.a.x", "*.b.x", "*.c.x"]);
    expect(stars.explain("a.a.b.c.x")).toBe("*.c.x");
    expect(stars.contains("a.a.b.c.y")).toBe(false);
    expect(stars.contains("x.a.x.a.x.a.x")).toBe(true);
  });

  it("gives names of JavaScript properties no special meaning", () => {
    const names = ["__proto__", "constructor", "toString"];
    expect(from(names).patterns).toEqual(names.toSorted());
    expect(from(["a"]).contains("__proto__")).toBe(false);
    expect(from(names).contains("constructor")).toBe(true);
  });
});

describe("the worst that the limits allow", () => {
  const hostile = Array.from(
    { length: 256 },
    (_, number) => `${"*.a.a.a.a.a.a.".repeat(8)}n${number}`,
  );
  const capability = Array<string>(256).fill("a").join(".");

  it("ends on 256 patterns of eight stars and one repeated literal", () => {
    const set = from(hostile);
    expect(set.contains(capability)).toBe(false);
    expect(set.explain(`${capability.slice(0, -1)}n7`)).toBe(hostile[7]);
    expect(set.redundant()).toEqual([]);
    expect(set.covers(set)).toBe(true);
  });

  it("ends on 10,000 patterns of one prefix, and on the longest capability", () => {
    const prefix = Array<string>(60).fill("a").join(".");
    const set = from(Array.from({ length: 10_000 }, (_, number) => `${prefix}.n${number}.*`));
    expect(set.contains(`${prefix}.n9999.x`)).toBe(true);
    expect(set.contains("a".repeat(4096))).toBe(false);
    expect(set.contains("a".repeat(4097))).toBe(false);
    expect(from(["*"]).contains(capability)).toBe(true);
    expect(from(["*"]).contains(`${capability}.a`)).toBe(false);
  });
});

describe("relating sets", () => {
  it("covers what asks for nothing more, and lists the excess", () => {
    const old = from(["exec.*", "fs.read./data/*"]);
    const asked = from(["exec.run", "fs.read./data/x/*", "fs.read./*", "net.*"]);
    expect(old.covers(asked)).toBe(false);
    expect(old.excess(asked)).toEqual(["fs.read./*", "net.*"]);
    expect(old.covers(from(["exec.run.sandboxed", "fs.read./data/*"]))).toBe(true);
    expect(old.covers(CapabilitySet.empty)).toBe(true);
    expect(CapabilitySet.empty.covers(old)).toBe(false);
  });

  it("does not take a union of narrower patterns for a wider one", () => {
    expect(from(["a.b", "a.*.*"]).covers(from(["a.*"]))).toBe(false);
  });

  it("lists what another pattern covers, and keeps one of equals", () => {
    expect(from(["a.*", "a.b", "a.*.c", "b"]).redundant()).toEqual(["a.*.c", "a.b"]);
    expect(from(["a.*", "*.a"]).redundant()).toEqual([]);
    expect(from(["*", "*.*", "*.*.*"]).redundant()).toEqual(["*.*", "*.*.*"]);
  });

  it("freezes every list it answers", () => {
    const set = from(["a.*", "a.b"]);
    expect(Object.isFrozen(set.excess(from(["b"])))).toBe(true);
    expect(Object.isFrozen(set.redundant())).toBe(true);
    expect(Object.isFrozen(set.conflicts(set))).toBe(true);
  });
});

const common = (a: readonly string[], b: readonly string[]): readonly string[] | undefined =>
  from(a).intersect(from(b))?.patterns;

describe("intersecting sets", () => {
  it.each([
    [["a.*"], ["a.b", "c"], ["a.b"]],
    [["a.*"], ["*.b"], ["a.*.b", "a.b"]],
    [["a.*"], ["b.*"], []],
    [["*"], ["*"], ["*"]],
    [[], ["*"], []],
    [["fs.*./data/*"], ["fs.read./*/x"], ["fs.read./data/*/x", "fs.read./data/x"]],
    [["*.*.*.*"], ["*.*"], ["*.*.*.*"]],
    [["*.x"], ["a./*"], []],
    [["fs.*"], ["fs./*", "fs./"], ["fs./", "fs./*"]],
  ])("%j and %j have %j in common", (a, b, expected) => {
    expect(common(a, b)).toEqual(expected);
    expect(common(b, a)).toEqual(expected);
  });

  it("needs four patterns for two with one inner star each", () => {
    expect(common(["*.a.*"], ["*.b.*"])).toEqual(["*.a.*.b.*", "*.a.b.*", "*.b.*.a.*", "*.b.a.*"]);
  });

  it("needs 212 patterns for three inner stars each, and 1,676 for four", () => {
    const [a, b] = [from(["*.a.*.b.*.c.*"]), from(["*.d.*.e.*.f.*"])];
    expect(a.intersect(b)?.patterns).toHaveLength(212);
    expect(a.intersect(b, { maxPatterns: 211 })).toBeUndefined();
    const [c, d] = [from(["*.a.*.b.*.c.*.g.*"]), from(["*.d.*.e.*.f.*.h.*"])];
    expect(c.intersect(d)).toBeUndefined();
  });

  it("is absent when an alternative would pass the limits of a pattern", () => {
    const a = from(["*.a.*.b.*.c.*.d.*"]);
    const b = from(["*.e.*.f.*.g.*.h.*"]);
    expect(a.intersect(b, { maxPatterns: 10_000 })).toBeUndefined();
  });

  it("is absent when the only patterns would be too long to be patterns", () => {
    const [a, b] = [`${"a".repeat(600)}.*`, `*.${"b".repeat(600)}`];
    expect(from([a]).intersect(from([b]))).toBeUndefined();
  });

  it("does not miss an alternative that is too long when a shorter one covers it", () => {
    expect(common(["a.*.*.*.*.*.*"], ["*.*.*.*.*.*.b"])).toEqual(["a.*.*.*.*.*.b"]);
  });

  it("is absent when it would hold too many inner stars", () => {
    const a = Array.from({ length: 20 }, (_, number) => `a${number}.*`);
    const b = Array.from({ length: 20 }, (_, number) => `*.b${number}`);
    expect(from(a).intersect(from(b), { maxPatterns: 10_000 })).toBeUndefined();
    expect(from(a.slice(0, 8)).intersect(from(b), { maxPatterns: 320 })?.patterns).toHaveLength(
      320,
    );
  });

  it("counts the patterns of all pairs together", () => {
    const [a, b] = [from(["a.*", "b.*"]), from(["*.x"])];
    expect(a.intersect(b, { maxPatterns: 4 })?.patterns).toHaveLength(4);
    expect(a.intersect(b, { maxPatterns: 3 })).toBeUndefined();
  });

  it("ignores redundant patterns when it counts", () => {
    const many = Array.from({ length: 1500 }, (_, number) => `a.n${number}`);
    expect(common([...many, "a.*"], ["a.*"])).toEqual(["a.*"]);
  });

  it.each([0, -1, 1.5, Number.NaN, 10_001])("refuses a limit of %s", (maxPatterns) => {
    expect(() => from(["a"]).intersect(from(["a"]), { maxPatterns })).toThrow(RangeError);
  });
});
