import { CapabilitySet, matchCapability, overlap, subset } from "@sigilrt/capability";
import { CapabilityForest } from "@sigilrt/capability/forest";
import { count } from "@sigilrt/testing/counts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

// The reference: text split as the grammar says, and a matcher that tries every length for every star.
function split(text: string): readonly string[] {
  const path = text.indexOf("./");
  if (path === -1) return text.split(".");
  const segments = text === `${text.slice(0, path)}./` ? [] : text.slice(path + 2).split("/");
  const marked = segments.map((segment) => (segment === "*" ? "*" : `/${segment}`));
  return [...text.slice(0, path).split("."), "/", ...marked];
}

function takes(pattern: readonly string[], tokens: readonly string[]): boolean {
  const [head, ...rest] = pattern;
  if (head === undefined) return tokens.length === 0;
  if (head === "*") return tokens.some((_, at) => takes(rest, tokens.slice(at + 1)));
  return tokens[0] === head && takes(rest, tokens.slice(1));
}

const reference = (pattern: string, capability: string): boolean =>
  takes(split(pattern), split(capability));

/** Every text of at most `names` names, with and without a path of at most `segments` segments. */
function words(letters: readonly string[], names: number, segments: number): readonly string[] {
  const roots = sequences(letters, names, ".").filter((text) => text !== "");
  const paths = sequences(letters, segments, "/").map((path) => `./${path}`);
  return roots.concat(roots.flatMap((root) => paths.map((path) => root + path)));
}

function sequences(letters: readonly string[], most: number, separator: string): readonly string[] {
  const longer = (text: string): readonly string[] =>
    letters.map((unit) => (text === "" ? unit : text + separator + unit));
  const rounds = Array.from({ length: most }).reduce<readonly (readonly string[])[]>(
    (found) => found.concat([(found.at(-1) ?? []).flatMap(longer)]),
    [[""]],
  );
  return rounds.flat();
}

const isWithin = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  [...a].every((word) => b.has(word));
const isApart = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  [...a].every((word) => !b.has(word));

const letter = fc.constantFrom("a", "b");
const starred = fc.constantFrom("a", "b", "*");
const textOf = (unit: fc.Arbitrary<string>, most: number): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.array(unit, { minLength: 1, maxLength: most }),
      fc.option(fc.array(unit, { maxLength: most }), { nil: undefined }),
    )
    .map(([names, path]) => names.join(".") + (path ? `./${path.join("/")}` : ""));
const capabilities = textOf(letter, 6);
const patterns = textOf(starred, 4);
const sets = fc.array(patterns, { maxLength: 6 });

const runs = (share: number): { readonly numRuns: number } => ({
  numRuns: Math.ceil(count("inputs") / share),
});

describe("short words, all of them", () => {
  const everyPattern = words(["a", "*"], 3, 2);
  const everyWord = words(["a", "x"], 4, 3);

  const languages = everyPattern.map((pattern) => ({
    pattern,
    language: new Set(everyWord.filter((word) => reference(pattern, word))),
  }));

  it("are matched as the reference matches them", () => {
    for (const { pattern, language } of languages) {
      const set = CapabilitySet.from([pattern]);
      expect(everyWord.filter((word) => matchCapability(pattern, word))).toEqual([...language]);
      expect(everyWord.filter((word) => set.contains(word))).toEqual([...language]);
    }
  });

  it("are contained and overlap as their languages do", () => {
    for (const { pattern: p, language } of languages) {
      const wrong = languages.filter(
        ({ pattern: q, language: other }) =>
          subset(p, q) !== isWithin(language, other) ||
          (overlap(p, q) === undefined) !== isApart(language, other),
      );
      expect(wrong.map(({ pattern: q }) => `${p} and ${q}`)).toEqual([]);
    }
  });

  it("are contained in a union only when one member contains them", () => {
    const pairs = languages.flatMap((left) => languages.map((right) => ({ left, right })));
    const sample = pairs.filter((_, at) => at % 97 === 0);
    for (const { left, right } of sample) {
      const union = new Set([...left.language, ...right.language]);
      const set = CapabilitySet.from([left.pattern, right.pattern]);
      const wrong = languages.filter(
        ({ pattern, language }) =>
          set.covers(CapabilitySet.from([pattern])) !== isWithin(language, union),
      );
      expect(wrong.map(({ pattern }) => pattern)).toEqual([]);
    }
  });
});

describe("random patterns and capabilities", () => {
  it("are matched as the reference matches them", () => {
    fc.assert(
      fc.property(patterns, capabilities, (pattern, capability) => {
        const answer = reference(pattern, capability);
        expect(matchCapability(pattern, capability)).toBe(answer);
        expect(CapabilitySet.from([pattern]).contains(capability)).toBe(answer);
      }),
      runs(1),
    );
  });

  it("are explained by a member that matches, in a set and in a forest, whatever the order", () => {
    fc.assert(
      fc.property(sets, sets, capabilities, (members, others, capability) => {
        const set = CapabilitySet.from(members);
        const explained = set.explain(capability);
        const matching = members.filter((pattern) => reference(pattern, capability));
        expect(explained === undefined).toBe(matching.length === 0);
        expect([undefined, ...matching]).toContain(explained);
        expect(CapabilitySet.from([...members, ...members].toReversed()).explain(capability)).toBe(
          explained,
        );
        const forest = new CapabilityForest();
        forest.add(CapabilitySet.from(others));
        const root = forest.add(set);
        forest.read(capability);
        expect(forest.match(root)).toBe(explained);
      }),
      runs(5),
    );
  });
});

describe("sets of patterns with many stars over one letter", () => {
  // At most as many names as a pattern may have stars.
  const one = fc.array(fc.constantFrom("a", "a", "*"), { minLength: 1, maxLength: 8 });
  const many = fc.array(
    one.map((names) => names.join(".")),
    { minLength: 1, maxLength: 8 },
  );
  const run = fc.array(fc.constantFrom("a", "a", "a", "b"), { minLength: 1, maxLength: 11 });

  it("are matched as the reference matches them, alone and grown in a forest", () => {
    fc.assert(
      fc.property(many, many, run, (members, others, names) => {
        const capability = names.join(".");
        const set = CapabilitySet.from(members);
        const answer = members.some((pattern) => reference(pattern, capability));
        expect(set.contains(capability)).toBe(answer);
        const forest = new CapabilityForest();
        const root = forest.add(set);
        forest.read(capability);
        expect(forest.match(root)).toBe(set.explain(capability));
        // What was learned of the forest in that walk must not speak for what is added to it afterwards.
        const added = CapabilitySet.from(others);
        const grown = forest.add(added);
        forest.read(capability);
        expect(forest.match(root)).toBe(set.explain(capability));
        expect(forest.match(grown)).toBe(added.explain(capability));
        expect(added.contains(capability)).toBe(
          others.some((pattern) => reference(pattern, capability)),
        );
        for (const pattern of set.patterns) {
          const rest = CapabilitySet.from(set.patterns.filter((other) => other !== pattern));
          const isCovered = rest.covers(CapabilitySet.from([pattern]));
          expect(set.redundant().includes(pattern)).toBe(isCovered);
        }
      }),
      runs(5),
    );
  });
});

describe("the algebra", () => {
  it("orders patterns: subset is reflexive, transitive, and true to matching", () => {
    fc.assert(
      fc.property(patterns, patterns, patterns, capabilities, (p, q, r, capability) => {
        expect(subset(p, p)).toBe(true);
        expect(!(subset(p, q) && subset(q, r)) || subset(p, r)).toBe(true);
        expect(p === q).toBe(subset(p, q) && subset(q, p));
        const within = subset(p, q) && reference(p, capability);
        expect(!within || reference(q, capability)).toBe(true);
      }),
      runs(5),
    );
  });

  it("shows a witness that both patterns match, and none when no word is common", () => {
    fc.assert(
      fc.property(patterns, patterns, capabilities, (p, q, capability) => {
        const witness = overlap(p, q);
        const isProof = witness !== undefined && reference(p, witness) && reference(q, witness);
        expect(witness === undefined || isProof).toBe(true);
        const common = reference(p, capability) && reference(q, capability);
        expect(common && witness === undefined).toBe(false);
      }),
      runs(5),
    );
  });

  it("covers exactly when there is no excess, and by one pattern alone", () => {
    fc.assert(
      fc.property(sets, sets, (a, b) => {
        const [left, right] = [CapabilitySet.from(a), CapabilitySet.from(b)];
        const excess = left.excess(right);
        expect(left.covers(right)).toBe(excess.length === 0);
        const uncovered = right.patterns.filter((q) => !left.patterns.some((p) => subset(q, p)));
        expect(excess).toEqual(uncovered);
        const kept = left.patterns.filter((p) => !left.redundant().includes(p));
        expect(CapabilitySet.from(kept).covers(left)).toBe(true);
        expect(CapabilitySet.from(kept).redundant()).toEqual([]);
      }),
      runs(10),
    );
  });

  it("lists exactly the pairs that overlap as conflicts", () => {
    fc.assert(
      fc.property(sets, sets, (a, b) => {
        const [allow, deny] = [CapabilitySet.from(a), CapabilitySet.from(b)];
        const pairs = allow.patterns.flatMap((p) =>
          deny.patterns.filter((q) => overlap(p, q) !== undefined).map((q) => `${p} ${q}`),
        );
        const conflicts = allow.conflicts(deny);
        expect(conflicts.map((found) => `${found.allow} ${found.deny}`)).toEqual(pairs);
        expect(conflicts.map(({ shadowed }) => shadowed)).toEqual(
          conflicts.map((found) => subset(found.allow, found.deny)),
        );
      }),
      runs(10),
    );
  });

  it("intersects to what both contain", () => {
    fc.assert(
      fc.property(sets, sets, capabilities, (a, b, capability) => {
        const [left, right] = [CapabilitySet.from(a), CapabilitySet.from(b)];
        const common = left.intersect(right);
        const both = left.contains(capability) && right.contains(capability);
        expect(common?.contains(capability) ?? both).toBe(both);
        expect(common?.redundant() ?? []).toEqual([]);
        expect(left.covers(common ?? CapabilitySet.empty)).toBe(true);
        expect(right.covers(common ?? CapabilitySet.empty)).toBe(true);
        expect(left.allowedBy(right, capability)).toBe(both);
      }),
      runs(20),
    );
  });
});

describe("hostile text", () => {
  it("never makes a matcher throw", () => {
    const units = fc.string({ unit: "binary", maxLength: 24 });
    const almost = fc.string({
      unit: fc.constantFrom(...Array.from("ab.*/%25A\\ é\u0301"), "./", "\ud800"),
      maxLength: 24,
    });
    const text = fc.oneof(units, almost);
    const everything = CapabilitySet.from(["*"]);
    fc.assert(
      fc.property(text, text, (pattern, capability) => {
        const answer = matchCapability(pattern, capability);
        expect(!answer || everything.contains(capability)).toBe(true);
        expect(everything.contains(capability)).toBe(matchCapability("*", capability));
      }),
      runs(1),
    );
  });
});

describe("memory", () => {
  it("does not grow with the capabilities that are asked", () => {
    const forest = new CapabilityForest();
    const set = CapabilitySet.from(["tool.*", "fs.read./data/*", "*.x.*.y"]);
    const root = forest.add(set);
    const ask = (from: number, to: number): void => {
      for (let number = from; number < to; number += 1) {
        const capability = `fs.read./data/file-${number}/x-${number}`;
        set.contains(capability);
        forest.read(capability);
        forest.match(root);
      }
    };
    const heapAfter = (from: number, to: number): number => {
      ask(from, to);
      globalThis.gc?.();
      return process.memoryUsage().heapUsed;
    };
    const total = count("inputs");
    const early = heapAfter(0, total / 2);
    const late = heapAfter(total / 2, total);
    // What a table of the second half would take at the very least, and what the collector may leave lying.
    expect(late - early).toBeLessThan(Math.max((total / 2) * 64, 16 * 2 ** 20));
  });
});
