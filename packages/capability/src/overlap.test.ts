import { CapabilitySet, matchCapability, overlap } from "@sigilrt/capability";
import { describe, expect, it } from "vitest";

describe("overlap", () => {
  it("finds every overlap and shows a witness", () => {
    const allow = CapabilitySet.from(["filesystem.read./data/*", "exec.*", "messages.*.telegram"]);
    const deny = CapabilitySet.from([
      "filesystem.read./data/secret",
      "*.run",
      "messages.send.*",
      "sessions.*",
    ]);
    expect(allow.conflicts(deny)).toEqual([
      { allow: "exec.*", deny: "*.run", witness: "exec.run", shadowed: false },
      {
        allow: "filesystem.read./data/*",
        deny: "filesystem.read./data/secret",
        witness: "filesystem.read./data/secret",
        shadowed: false,
      },
      {
        allow: "messages.*.telegram",
        deny: "messages.send.*",
        witness: "messages.send.telegram",
        shadowed: false,
      },
    ]);
  });

  it("marks a grant that a deny covers whole", () => {
    const conflicts = CapabilitySet.from(["exec.run"]).conflicts(CapabilitySet.from(["exec.*"]));
    expect(conflicts).toEqual([
      { allow: "exec.run", deny: "exec.*", witness: "exec.run", shadowed: true },
    ]);
    expect(Object.isFrozen(conflicts)).toBe(true);
    expect(Object.isFrozen(conflicts[0])).toBe(true);
  });

  it.each([
    ["*", "*", "x"],
    ["a.*", "*.b", "a.b"],
    ["*.*", "*.*.*", "x.x.x"],
    ["fs./*", "fs./*/*", "fs./x/x"],
    ["fs.*", "fs./", "fs./"],
    ["*.b.*", "a.*", "a.b.x"],
    ["fs.*./data/*", "fs.read./*/x", "fs.read./data/x"],
  ])("shows the shortest witness of %s and %s", (a, b, witness) => {
    expect(overlap(a, b)).toBe(witness);
    expect(overlap(b, a)).toBe(witness);
    expect(matchCapability(a, witness) && matchCapability(b, witness)).toBe(true);
  });

  it("never lets a name follow a path, nor two roots", () => {
    expect(overlap("*.x", "a./*")).toBeUndefined();
    expect(overlap("*./y", "a./*/b")).toBeUndefined();
    expect(overlap("*.data.*", "fs.read./data/x")).toBeUndefined();
  });

  it.each(["", "a..b", "a.**", "mess*", 7, undefined])(
    "answers undefined where %s stands for a pattern",
    (malformed) => {
      // @ts-expect-error: a caller without types may pass anything
      expect(overlap(malformed, "*")).toBeUndefined();
      // @ts-expect-error: a caller without types may pass anything
      expect(overlap("*", malformed)).toBeUndefined();
    },
  );

  it("ends on the longest patterns", () => {
    const left = `${"*.a.a.a.a.a.a.a.".repeat(7)}*.b`;
    const right = `${"*.a.a.a.a.a.a.c.".repeat(7)}*.b`;
    const witness = overlap(left, right) ?? "";
    expect(matchCapability(left, witness)).toBe(true);
    expect(matchCapability(right, witness)).toBe(true);
  });
});
