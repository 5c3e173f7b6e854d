import { describe, expect, it } from "vitest";
import { SetCompiler } from "./set-compiler.ts";
import { TwoMaps } from "./two-maps.ts";

describe("SetCompiler", () => {
  it("compiles lists of equal content once", () => {
    const sets = new SetCompiler();
    expect(sets.compile(["a", "b.*"])).toBe(sets.compile(["a", "b.*"]));
    expect(sets.compile(["a", "b.*"]).patterns).toEqual(["a", "b.*"]);
  });

  it("does not keep lists of great length", () => {
    const sets = new SetCompiler();
    const list = (): readonly string[] => Array.from({ length: 10_000 }, (_, at) => `a.n${at}`);
    expect(sets.compile(list())).not.toBe(sets.compile(list()));
    expect(sets.compile(list()).patterns).toHaveLength(10_000);
  });

  it("keeps lists of 65,536 units with their lengths, and none that is longer", () => {
    const list = (last: number): readonly string[] =>
      Array.from({ length: 64 }, (_, at) => `${at}.`.padEnd(at === 63 ? last : 1019, "x"));
    const sets = new SetCompiler();
    expect(sets.compile(list(1019))).toBe(sets.compile(list(1019)));
    expect(sets.compile(list(1020))).not.toBe(sets.compile(list(1020)));
  });

  it("keeps 1,024 lists", () => {
    const sets = new SetCompiler();
    const compiled = Array.from({ length: 1024 }, (_, at) => sets.compile([`n${at}`]));
    expect(sets.compile(["n0"])).toBe(compiled[0]);
    // One that was asked for again takes the place of those that were not.
    expect(sets.compile(["n1"])).not.toBe(compiled[1]);
  });

  it("does not take an object for the text that it imitates", () => {
    const sets = new SetCompiler();
    expect(sets.compile(["*"]).contains("a")).toBe(true);
    const imitation = { length: 1, toString: () => "*" };
    expect(sets.compile([imitation]).contains("a")).toBe(false);
  });
});

describe("TwoMaps", () => {
  it("holds at most twice its number and keeps what is asked for", () => {
    const cache = new TwoMaps<number>(2);
    cache.set("kept", 0);
    const seen = ["a", "b", "c", "d"].map((key, at) => {
      cache.set(key, at);
      return cache.get("kept");
    });
    expect(seen).toEqual([0, 0, 0, 0]);
    expect(["a", "b", "c", "d"].map((key) => cache.get(key))).toEqual([undefined, undefined, 2, 3]);
    expect(cache.get("never")).toBeUndefined();
  });

  it("drops what nobody asks for", () => {
    const cache = new TwoMaps<number>(1);
    cache.set("a", 1);
    cache.set("b", 2);
    cache.set("c", 3);
    expect(cache.get("a")).toBeUndefined();
    expect(cache.get("b")).toBe(2);
  });
});
