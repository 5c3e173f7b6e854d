import { describe, expect, it } from "vitest";
import { compile } from "./testing/requests.ts";
import { codeOf } from "./testing/thrown.ts";

const summary = ({ mounts, masks }: ReturnType<typeof compile>) => [
  ...mounts
    .filter(({ origin }) => origin === "grant")
    .map(({ mode, target }) => `${mode} ${target}`),
  ...masks.map(({ target, inside }) => `mask ${target} in ${inside}`),
];

describe("a denied pattern", () => {
  it.each([
    ["filesystem.read./a/*", "filesystem.read./a/*", []],
    ["filesystem.read./a/b/*", "filesystem.read./a/*", []],
    ["filesystem.write./a/*", "filesystem.read./a/*", []],
    ["filesystem.read./a/*", "filesystem.write./a/*", ["ro /a"]],
    ["filesystem.write./a/*", "filesystem.write.*", []],
    ["filesystem.read./a/*", "filesystem.*", []],
    ["filesystem.read./a/*", "*", []],
    ["filesystem.read./a/*", "*./a/*", []],
    ["filesystem.read./a/*", "filesystem.read./a/x", ["ro /a", "mask /a/x in ro"]],
    ["filesystem.read./a/*", "filesystem.read./a/x/*", ["ro /a", "mask /a/x in ro"]],
    ["filesystem.write./a/*", "filesystem.read./a/x", ["rw /a", "mask /a/x in rw"]],
    ["filesystem.write./a/*", "filesystem.write./a/x/*", ["rw /a", "ro /a/x"]],
    ["filesystem.read./a/*", "filesystem.read./b/x", ["ro /a"]],
    ["filesystem.read./a/*", "filesystem.read./a", ["ro /a"]],
    ["filesystem.read./a/*", "filesystem.read./b/*/x", ["ro /a"]],
    ["exec.run./usr/bin/git", "exec.run./usr/bin/git", []],
    ["exec.run./usr/bin/git", "exec.*", []],
    ["exec.run.*", "exec.run./usr/bin/git", ["ro /usr", "mask /usr/bin/git in ro"]],
    ["filesystem.read./usr/*", "exec.run./usr/bin/git", ["ro /usr"]],
  ])("of %s, %s leaves %j", (grant, denial, left) => {
    expect(summary(compile({ grants: [grant], denials: [denial] }))).toEqual(left);
  });

  it.each(["filesystem.read./a/*/x", "filesystem.read./*/x", "filesystem.*./a/b/*/x"])(
    "%s is refused where it touches a grant, since no mask expresses it",
    (denial) => {
      const changes = { grants: ["filesystem.read./a/*"], denials: [denial] };
      expect(codeOf(() => compile(changes))).toBe("GRANT_NOT_EXPRESSIBLE");
    },
  );

  it("drops a mask inside a mask, and a read-only part inside one", () => {
    const denials = [
      "filesystem.read./a/x/*",
      "filesystem.read./a/x/y",
      "filesystem.write./a/x/z/*",
    ];
    expect(summary(compile({ grants: ["filesystem.write./a/*"], denials }))).toEqual([
      "rw /a",
      "mask /a/x in rw",
    ]);
  });
});

describe("readDeny", () => {
  it("is already satisfied outside every grant and adds no mount", () => {
    const { masks, mounts } = compile({ readDeny: ["/etc/shadow", "~/.ssh/*"] });
    expect([masks, mounts.length]).toEqual([[], 1]);
  });

  it.each([
    ["/a/x", ["ro /a", "mask /a/x in ro"]],
    ["/a/x/*", ["ro /a", "mask /a/x in ro"]],
    ["/a", []],
    ["/a/*", []],
  ])("takes %s out of a readable tree", (path, left) => {
    const changes = { grants: ["filesystem.read./a/*"], readDeny: [path] };
    expect(summary(compile(changes))).toEqual(left);
  });

  it("hides parts of the code, of the own data and of the system's libraries", () => {
    const readDeny = [
      "/plugin/secret",
      "/data/plugins/self/old/*",
      "/usr/lib/git-core/*",
      "/etc/*",
    ];
    const { masks } = compile({ readDeny, data: "/srv/data/echo" });
    expect(masks.map(({ source, target, inside }) => [source, target, inside])).toEqual([
      ["/srv/data/echo/old", "/data/plugins/self/old", "data"],
      ["/etc/ssl/certs", "/etc/ssl/certs", "system"],
      ["/srv/store/echo/secret", "/plugin/secret", "code"],
      ["/usr/lib/git-core", "/usr/lib/git-core", "system"],
    ]);
  });

  it("hides the own data as a whole by not binding it", () => {
    const { mounts } = compile({ readDeny: ["/data/plugins/self/*"], data: "/srv/data/echo" });
    expect(mounts.map(({ target }) => target)).toEqual(["/plugin"]);
  });

  it.each([
    "/usr/*",
    "/usr/lib",
    "/plugin",
    "/plugin/*",
    "/bin/sh",
    "/usr/bin/env",
    "/lib64/*",
    "/*",
  ])("refuses to hide %s, without which nothing starts", (path) => {
    expect(codeOf(() => compile({ readDeny: [path] }))).toBe("POLICY_REFUSED");
  });

  it.each(["/proc/cpuinfo", "/dev/null"])(
    "refuses to hide %s, which is the sandbox's own",
    (path) => {
      expect(codeOf(() => compile({ readDeny: [path] }))).toBe("POLICY_REFUSED");
    },
  );

  it.each(["~ann/.ssh", "~", "/", "~ann/*", "relative", "/a/../b", "/a\0b"])(
    "refuses %j",
    (path) => {
      expect(codeOf(() => compile({ readDeny: [path] }))).toBe("PATH_REFUSED");
    },
  );
});
