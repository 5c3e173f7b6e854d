import { CapabilitySet } from "@sigilrt/capability";
import { CapabilityForest } from "@sigilrt/capability/forest";
import { describe, expect, it } from "vitest";

const from = (...patterns: string[]): CapabilitySet => CapabilitySet.from(patterns);

describe("CapabilityForest", () => {
  it("matches one capability against each set", () => {
    const forest = new CapabilityForest();
    const roots = [from("exec.*"), from("exec.run"), from("a.b"), CapabilitySet.empty].map((set) =>
      forest.add(set),
    );
    expect(forest.read("exec.run")).toBe(true);
    expect(roots.map((root) => forest.match(root))).toEqual([
      "exec.*",
      "exec.run",
      undefined,
      undefined,
    ]);
  });

  it("gives the same pattern as the set", () => {
    const set = from("a.*", "*.c", "a.b.c", "a.*.c", "*.b.*", "fs.*./data/*");
    const forest = new CapabilityForest();
    forest.add(from("a.*.z", "*"));
    const root = forest.add(set);
    const asked = ["a.b.c", "x.c", "x.b.y", "fs.read./data/x", "fs.read./etc", "a", "a.*"];
    const answers = asked.map((capability) => {
      forest.read(capability);
      return forest.match(root);
    });
    expect(answers).toEqual(asked.map((capability) => set.explain(capability)));
  });

  it.each(["exec.*", "a..b", "", undefined, 7])("matches nothing after reading %s", (text) => {
    const forest = new CapabilityForest();
    const root = forest.add(from("*"));
    expect(forest.read("a")).toBe(true);
    // @ts-expect-error: a caller without types may pass anything
    expect(forest.read(text)).toBe(false);
    expect(forest.match(root)).toBeUndefined();
  });

  it("matches nothing before something was read, and after a set was added since", () => {
    const forest = new CapabilityForest();
    const root = forest.add(from("a"));
    expect(forest.match(root)).toBeUndefined();
    forest.read("b");
    const later = forest.add(from("b"));
    expect(forest.match(later)).toBeUndefined();
  });

  it("forgets a set that was removed, and never gives its root to another", () => {
    const forest = new CapabilityForest();
    const root = forest.add(from("a"));
    forest.read("a");
    expect(forest.remove(root)).toBe(true);
    expect(forest.remove(root)).toBe(false);
    expect(forest.match(root)).toBeUndefined();
    const next = forest.add(from("b"));
    forest.read("b");
    expect(next).not.toBe(root);
    expect(forest.match(root)).toBeUndefined();
    expect(forest.match(next)).toBe("b");
    expect(forest.size).toBe(1);
  });

  it("keeps its roots through a rebuild, and reads anew after it", () => {
    const forest = new CapabilityForest();
    const kept = forest.add(from("kept.*"));
    const others = Array.from({ length: 50 }, (_, number) => forest.add(from(`other.n${number}`)));
    forest.read("kept.x");
    expect(others.every((root) => forest.remove(root))).toBe(true);
    expect(forest.match(kept)).toBeUndefined();
    forest.read("kept.x");
    expect(forest.match(kept)).toBe("kept.*");
  });

  it("refuses an object that only looks like a set", () => {
    // @ts-expect-error: a set has private parts
    expect(() => new CapabilityForest().add({ patterns: ["*"] })).toThrow(TypeError);
  });
});
