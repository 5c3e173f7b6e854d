import { matchCapability } from "@sigilrt/capability";
import { describe, expect, it } from "vitest";

const covers = (pattern: string, capability: string): boolean =>
  matchCapability(pattern, capability);

describe("the table of meanings", () => {
  it("gives a star one or more names, never none", () => {
    expect(covers("sessions.*", "sessions")).toBe(false);
    expect(covers("sessions.*", "sessions.read")).toBe(true);
  });

  it("gives a star two names", () => {
    expect(covers("exec.*", "exec.run.sandboxed")).toBe(true);
  });

  it("puts one or more names in place of an inner star", () => {
    expect(covers("messages.*.telegram", "messages.send.telegram")).toBe(true);
    expect(covers("messages.*.telegram", "messages.send.now.telegram")).toBe(true);
    expect(covers("messages.*.telegram", "messages.telegram")).toBe(false);
  });

  it.each([
    ["filesystem.read./data/a/b", true],
    ["filesystem.read./data", false],
    ["filesystem.read./data/", false],
    ["filesystem.read./data-secret/x", false],
  ])("covers what lies below a directory and nothing beside it: %s is %s", (capability, answer) => {
    expect(covers("filesystem.read./data/*", capability)).toBe(answer);
  });

  it("covers with a plain path that path alone", () => {
    expect(covers("filesystem.read./data", "filesystem.read./data")).toBe(true);
    expect(covers("filesystem.read./data", "filesystem.read./data/x")).toBe(false);
  });

  it("matches a path whose segments hold dots", () => {
    expect(covers("filesystem.read./data/*", "filesystem.read./data/a.txt")).toBe(true);
    expect(covers("filesystem.read./data/a.b/c", "filesystem.read./data/a.b/c")).toBe(true);
    expect(covers("filesystem.read./data/*/c", "filesystem.read./data/a.b/c")).toBe(true);
    expect(covers("filesystem.read./data/*", "filesystem.read./data/.hidden/x.tar.gz")).toBe(true);
  });

  it("runs a star among the names on into the path", () => {
    expect(covers("filesystem.*", "filesystem.read./data/x")).toBe(true);
    expect(covers("filesystem.*", "filesystem.read.deep")).toBe(true);
  });

  it("takes any verbs and then a path", () => {
    expect(covers("filesystem.*./data/*", "filesystem.write.deep./data/x")).toBe(true);
    expect(covers("filesystem.*./data/*", "filesystem./data/x")).toBe(false);
  });

  it("keeps a directory apart from a name", () => {
    expect(covers("filesystem.read.data.*", "filesystem.read./data/x")).toBe(false);
    expect(covers("filesystem.read./data/*", "filesystem.read.data.x")).toBe(false);
  });

  it("names the root itself with a lone slash", () => {
    expect(covers("filesystem.read./", "filesystem.read./")).toBe(true);
    expect(covers("filesystem.read./", "filesystem.read./x")).toBe(false);
    expect(covers("filesystem.read./*", "filesystem.read./")).toBe(false);
    expect(covers("filesystem.read./*", "filesystem.read./x/y")).toBe(true);
  });

  it.each(["./data/../etc", "./data/./x", "./..", "./.", "./data//x", "./data/", "./a\\b"])(
    "refuses the path spelling %s",
    (path) => {
      expect(covers("*", `filesystem.read${path}`)).toBe(false);
      expect(covers(`filesystem.read${path}`, `filesystem.read${path}`)).toBe(false);
    },
  );

  it.each(["%2e", "%2E%2E", "%2f", "%00", "%2a", "%", "100%", "%252", "%25%", "%2"])(
    "refuses the escape %s in a path, unless it is one of the two",
    (segment) => {
      const isTwoEscapesOrText = segment === "%252";
      expect(covers("*", `filesystem.read./${segment}`)).toBe(isTwoEscapesOrText);
    },
  );

  it("reads an escaped star as a literal and never as a wildcard", () => {
    expect(covers("filesystem.read./%2A", "filesystem.read./%2A")).toBe(true);
    expect(covers("filesystem.read./%2A", "filesystem.read./x")).toBe(false);
    expect(covers("filesystem.read./100%25", "filesystem.read./100%25")).toBe(true);
  });

  it.each([
    ["decomposed text", "cafe\u0301"],
    ["a lone high surrogate", "\ud800"],
    ["a lone low surrogate", "a\udc00b"],
    ["a control character", "a\u0007"],
    ["a second-range control character", "a\u0085"],
    ["a delete", "a\u007f"],
    ["a bidirectional override", "a\u202eb"],
    ["a zero-width space", "a\u200bb"],
    ["a soft hyphen", "a\u00adb"],
    ["a line separator", "a\u2028b"],
    ["a private-use character", "a\ue000"],
    ["an unassigned character", "a\u0378"],
    ["a noncharacter", "a\uffff"],
  ])("refuses %s", (_, segment) => {
    expect(covers("*", `filesystem.read./${segment}`)).toBe(false);
  });

  it.each(["café", "日本", "😀", "a b", "C:", "it's", "a,b;c=d", "~user", "${HOME}"])(
    "takes the file name %s as it is",
    (segment) => {
      expect(covers("filesystem.read./*", `filesystem.read./${segment}`)).toBe(true);
      expect(covers(`filesystem.read./${segment}`, `filesystem.read./${segment}`)).toBe(true);
    },
  );

  it.each(["a..b", ".a", "a.", "", " a", "a ", "a b", "a/b", "/a", "./a", ".", "..", "a\n"])(
    "refuses the name spelling %j",
    (capability) => {
      expect(covers("*", capability)).toBe(false);
      expect(covers(capability, "a")).toBe(false);
    },
  );

  it.each([
    ["**", "a"],
    ["a.**", "a.b"],
    ["mess*", "messages"],
    ["*s", "messages"],
    ["filesystem.read./data*", "filesystem.read./data"],
    ["filesystem.read./data/*.txt", "filesystem.read./data/a.txt"],
    ["filesystem.read./**", "filesystem.read./a"],
    ["a.{b,c}", "a.b"],
    ["!a", "b"],
    ["a.?", "a.b"],
    ["a.[bc]*", "a.b"],
  ])("gives %s no meaning", (pattern, capability) => {
    expect(covers(pattern, capability)).toBe(false);
  });

  it("refuses a request that contains a star", () => {
    expect(covers("exec.*", "exec.*")).toBe(false);
    expect(covers("*", "*")).toBe(false);
    expect(covers("*", "exec.*")).toBe(false);
    expect(covers("*", "filesystem.read./*")).toBe(false);
    expect(covers("*", "filesystem.read./a*")).toBe(false);
  });

  it("tells upper case from lower case", () => {
    expect(covers("sessions.read", "Sessions.read")).toBe(false);
    expect(covers("filesystem.read./data", "filesystem.read./DATA")).toBe(false);
  });

  it("reads self as a plain name", () => {
    expect(covers("config.read.self", "config.read.self")).toBe(true);
    expect(covers("config.read.self", "config.read.telegram")).toBe(false);
  });

  it.each([
    ["api.telegram.org:443", true],
    ["a.b.telegram.org:443", true],
    ["telegram.org:443", false],
    ["api.telegram.org:80", false],
    ["api.telegram.org.evil.com:443", false],
    ["eviltelegram.org:443", false],
  ])("covers the hosts under a domain on one port: %s is %s", (host, answer) => {
    expect(covers("net.connect.*.telegram.org:443", `net.connect.${host}`)).toBe(answer);
  });
});

describe("hostile input", () => {
  it.each([undefined, null, 7, {}, [], ["a"], Symbol.iterator, new String("a")])(
    "answers false to %s in place of text",
    (value) => {
      // @ts-expect-error: a caller without types may pass anything
      expect(matchCapability(value, "a")).toBe(false);
      // @ts-expect-error: a caller without types may pass anything
      expect(matchCapability("a", value)).toBe(false);
    },
  );

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "gives %s no special meaning",
    (name) => {
      expect(covers(name, name)).toBe(true);
      expect(covers("*", `${name}.${name}`)).toBe(true);
      expect(covers("a", name)).toBe(false);
      expect(covers(name, "a")).toBe(false);
    },
  );

  it("ends on eight stars with one repeated literal", () => {
    const pattern = `${"*.a.".repeat(8)}b`;
    expect(covers(pattern, Array<string>(256).fill("a").join("."))).toBe(false);
    expect(covers(pattern, `${"a.".repeat(255)}b`)).toBe(true);
  });
});
