import { CapabilitySet } from "@sigilrt/capability";
import { describe, expect, it, vi } from "vitest";
import { capabilityGrammar, patternGrammar, scan } from "./scan.ts";
import { Tokens } from "./tokens.ts";

describe("a text that was read before", () => {
  it("is read again when it is asked by another grammar", () => {
    const set = CapabilitySet.from(["exec.*"]);
    expect(set.covers(CapabilitySet.from(["exec.run.*"]))).toBe(true);
    // Attack: a wildcard request that a comparison of patterns has just accepted.
    expect(set.contains("exec.run.*")).toBe(false);
    expect(set.covers(CapabilitySet.from(["exec.run.*"]))).toBe(true);
  });

  it("is read again when it was refused", () => {
    const tokens = new Tokens();
    expect(scan("exec.*", capabilityGrammar, 1, tokens)).toBe(false);
    expect(scan("exec.*", capabilityGrammar, 1, tokens)).toBe(false);
    expect(tokens.fault).toBe("star-in-capability");
  });

  it("is hashed again for a table with another seed", () => {
    const tokens = new Tokens();
    scan("exec", patternGrammar, 1, tokens);
    const [first] = tokens.hashes;
    scan("exec", patternGrammar, 2, tokens);
    expect(tokens.hashes[0]).not.toBe(first);
  });

  it("does not pass for the text after it", () => {
    const set = CapabilitySet.from(["exec.run"]);
    expect(set.contains("exec.run")).toBe(true);
    expect(set.contains("exec.rum")).toBe(false);
  });

  it("is refused again when reading it threw half-way", () => {
    const set = CapabilitySet.from(["*"]);
    const notNfc = "fs.read./e\u0301";
    const normalize = vi.spyOn(String.prototype, "normalize").mockImplementation(() => {
      throw new RangeError("Maximum call stack size exceeded");
    });
    try {
      expect(() => set.contains(notNfc)).toThrow(RangeError);
    } finally {
      normalize.mockRestore();
    }
    expect(set.contains(notNfc)).toBe(false);
  });
});
