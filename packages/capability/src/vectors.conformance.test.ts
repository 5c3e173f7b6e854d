import {
  CapabilityError,
  CapabilitySet,
  matchCapability,
  overlap,
  parsePattern,
  subset,
} from "@sigilrt/capability";
import { CapabilityForest } from "@sigilrt/capability/forest";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";

// Node's own loader: the test runner's does not read the lone surrogate that one case holds.
const vectors: Vectors = createRequire(import.meta.url)("@sigilrt/capability/vectors");

const thousand = Array.from({ length: 1000 }, (_, number) => `unrelated.n${number}.*.end`)
  .slice(0, 200)
  .concat(Array.from({ length: 800 }, (_, number) => `unrelated.n${number}.read`));

function isPattern(text: string): boolean {
  try {
    return parsePattern(text) === text;
  } catch (error) {
    expect(error).toBeInstanceOf(CapabilityError);
    return false;
  }
}

const wellFormed = vectors.match.filter(({ pattern }) => isPattern(pattern));
const malformed = vectors.match.filter(({ pattern }) => !isPattern(pattern));

describe("matchCapability agrees with every published case", () => {
  it.each(vectors.match)("$note (case %#)", ({ pattern, capability, match }) => {
    expect(matchCapability(pattern, capability)).toBe(match);
  });
});

describe("a set of one pattern agrees with every published case", () => {
  it.each(wellFormed)("$note (case %#)", ({ pattern, capability, match }) => {
    expect(CapabilitySet.from([pattern]).contains(capability)).toBe(match);
  });

  it.each(malformed)("refuses the malformed pattern: $note (case %#)", ({ pattern, match }) => {
    expect(match).toBe(false);
    expect(() => CapabilitySet.from([pattern])).toThrow(CapabilityError);
  });
});

describe("a set among 1,000 other patterns agrees with every published case", () => {
  const forest = new CapabilityForest();
  const others = CapabilitySet.from(thousand);
  forest.add(others);

  it.each(wellFormed)("$note (case %#)", ({ pattern, capability, match }) => {
    const set = CapabilitySet.from([...thousand, pattern]);
    const expected = match ? pattern : undefined;
    expect(set.explain(capability)).toBe(expected);
    expect(set.patterns).toHaveLength(1001);
  });

  it.each(wellFormed)("in a forest: $note (case %#)", ({ pattern, capability, match }) => {
    const root = forest.add(CapabilitySet.from([pattern]));
    forest.read(capability);
    const expected = match ? pattern : undefined;
    expect(forest.match(root)).toBe(expected);
    expect(forest.remove(root)).toBe(true);
  });
});

describe("sets agree with every published case", () => {
  it.each(vectors.sets)(
    "$patterns contains $capability: $contains",
    ({ patterns, capability, contains }) => {
      expect(CapabilitySet.from(patterns).contains(capability)).toBe(contains);
    },
  );
});

describe("subset agrees with every published case", () => {
  it.each(vectors.subset)("$a within $b: $subset", (row) => {
    expect(subset(row.a, row.b)).toBe(row.subset);
  });
});

describe("overlap agrees with every published case", () => {
  it.each(vectors.overlap)("$a and $b: $overlap", (row) => {
    const witness = overlap(row.a, row.b);
    expect(witness !== undefined).toBe(row.overlap);
    expect(matchCapability(row.a, witness ?? "")).toBe(row.overlap);
    expect(matchCapability(row.b, witness ?? "")).toBe(row.overlap);
  });
});

interface Vectors {
  readonly match: readonly {
    readonly pattern: string;
    readonly capability: string;
    readonly match: boolean;
    readonly note: string;
  }[];
  readonly sets: readonly {
    readonly patterns: readonly string[];
    readonly capability: string;
    readonly contains: boolean;
  }[];
  readonly subset: readonly { readonly a: string; readonly b: string; readonly subset: boolean }[];
  readonly overlap: readonly {
    readonly a: string;
    readonly b: string;
    readonly overlap: boolean;
  }[];
}
