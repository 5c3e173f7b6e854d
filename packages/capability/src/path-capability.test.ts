import { parseCapability, pathCapability } from "@sigilrt/capability";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("pathCapability", () => {
  it.each([
    ["/", "fs.read./"],
    ["/data", "fs.read./data"],
    ["/data/", "fs.read./data"],
    ["//data///x", "fs.read./data/x"],
    ["/data/./x/../y.txt", "fs.read./data/y.txt"],
    ["/a/..", "fs.read./"],
    ["/...", "fs.read./..."],
    ["/a*b", "fs.read./a%2Ab"],
    ["/100%", "fs.read./100%25"],
    ["/%2A", "fs.read./%252A"],
    ["/%2e%2e/x", "fs.read./%252e%252e/x"],
    ["/a b/日本", "fs.read./a b/日本"],
  ])("builds of %j the capability %s", (path, capability) => {
    expect(pathCapability("fs.read", path)).toBe(capability);
  });

  it.each([
    ["a relative path", "data/x", "relative"],
    ["the empty path", "", "relative"],
    ["a path above the root", "/../etc/shadow", "above the root"],
    ["a path that climbs above the root later", "/a/../../etc", "above the root"],
    ["a NUL", "/data/a\0.txt", "control"],
    ["a line feed", "/data/a\nb", "control"],
    ["a backslash", "/data\\..\\etc", "backslash"],
    ["decomposed text", "/cafe\u0301", "NFC"],
    ["a bidirectional override", "/a\u202eb", "format"],
    ["half a surrogate pair", "/a\ud83d", "surrogate"],
    ["a path past the limit", `/${"a/".repeat(300)}`, "limit"],
  ])("refuses %s", (_, path, hint) => {
    expect(() => pathCapability("fs.read", path)).toThrow(
      expect.objectContaining({
        code: "INVALID_PATH",
        issues: [
          expect.objectContaining({
            input: path.slice(0, 256),
            hint: expect.stringContaining(hint),
          }),
        ],
      }),
    );
  });

  it("refuses what is no text", () => {
    // @ts-expect-error: a caller without types may pass anything
    expect(() => pathCapability("fs.read", 7)).toThrow(
      expect.objectContaining({ code: "INVALID_PATH" }),
    );
  });

  it("composes text only when it is told to", () => {
    const composed = pathCapability("fs.read", "/cafe\u0301", { normalForm: "compose" });
    expect(composed).toBe("fs.read./caf\u00e9");
    expect(() => pathCapability("fs.read", "/cafe\u0301", { normalForm: "refuse" })).toThrow("NFC");
    // @ts-expect-error: a caller without types may pass anything
    expect(() => pathCapability("fs.read", "/a", { normalForm: "drop" })).toThrow(RangeError);
  });

  it.each(["", "fs.", "fs.*", "fs./data", "fs read", "*"])("refuses the prefix %j", (prefix) => {
    expect(() => pathCapability(prefix, "/a")).toThrow(
      expect.objectContaining({ code: "INVALID_CAPABILITY" }),
    );
  });

  it("says where in the path the fault lies", () => {
    expect(() => pathCapability("fs", "/data/a\\b")).toThrow(
      expect.objectContaining({ issues: [expect.objectContaining({ index: 7 })] }),
    );
  });
});

const segment = fc.string({
  unit: fc.constantFrom(...Array.from("ab.%*25A é~")),
  minLength: 1,
  maxLength: 4,
});
const paths = fc.array(segment, { maxLength: 5 }).map((segments) => `/${segments.join("/")}`);

function build(path: string): string | undefined {
  try {
    return pathCapability("fs.read", path);
  } catch {
    return undefined;
  }
}

const decode = (capability: string): string =>
  capability.slice("fs.read.".length).replaceAll("%2A", "*").replaceAll("%25", "%");

it("builds what parses, and the same again from the path it names", () => {
  fc.assert(
    fc.property(paths, (path) => {
      const built = build(path);
      fc.pre(built !== undefined);
      expect(parseCapability(built)).toBe(built);
      expect(build(decode(built))).toBe(built);
    }),
    { numRuns: 2000 },
  );
});

it("builds two capabilities of two paths that resolve differently", () => {
  const plain = fc.array(
    segment.filter((text) => text !== "." && text !== ".."),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(plain, plain, (left, right) => {
      const same = left.join("/") === right.join("/");
      expect(build(`/${left.join("/")}`) === build(`/${right.join("/")}`)).toBe(same);
    }),
    { numRuns: 2000 },
  );
});
