import { describe, expect, it } from "vitest";
import { compilePolicy, isIntact } from "./policy.ts";
import { compile, limits, request } from "./testing/requests.ts";
import { codeOf } from "./testing/thrown.ts";

const granted = (...grants: string[]) => compile({ grants });
const shown = (policy: ReturnType<typeof compile>) =>
  policy.mounts
    .filter(({ origin }) => origin === "grant")
    .map(({ target, mode, kind }) => `${mode} ${kind} ${target}`);

describe("a granted pattern", () => {
  it.each([
    ["filesystem.read./data/*", ["ro directory /data"]],
    ["filesystem.read./data/a.txt", ["ro file /data/a.txt"]],
    ["filesystem.write./data/out/*", ["rw directory /data/out"]],
    ["filesystem.*./data/*", ["rw directory /data"]],
    ["filesystem.read./data/100%25", ["ro file /data/100%"]],
    ["filesystem.read./data/a%2Ab", ["ro file /data/a*b"]],
    ["exec.run./usr/bin/git", ["ro file /usr/bin/git"]],
    ["exec.run./opt/tools/*", ["ro directory /opt/tools"]],
    ["exec.*", ["ro directory /usr"]],
    ["exec.run.*", ["ro directory /usr"]],
    ["exec.run.sandboxed", []],
    ["filesystem.read.data.*", []],
    ["sessions.read", []],
    ["kv.*", []],
    ["filesystem.write./data/plugins/self/*", []],
    ["filesystem.read./home/ann/project/*", ["ro directory /home/ann/project"]],
  ])("%s shows exactly what it names", (pattern, mounts) => {
    expect(shown(granted(pattern))).toEqual(mounts);
  });

  it.each([
    ["*", "GRANT_TOO_BROAD"],
    ["filesystem.*", "GRANT_TOO_BROAD"],
    ["filesystem.read.*", "GRANT_TOO_BROAD"],
    ["*.read.*", "GRANT_TOO_BROAD"],
    ["filesystem.read./*", "GRANT_TOO_BROAD"],
    ["filesystem.read./", "PATH_REFUSED"],
    ["filesystem.read./data/*/logs", "GRANT_NOT_EXPRESSIBLE"],
    ["filesystem.read./data/*/logs/*", "GRANT_NOT_EXPRESSIBLE"],
    ["filesystem.read./data/*.txt", "PATH_REFUSED"],
    ["filesystem.read./data*", "PATH_REFUSED"],
    ["filesystem.read./data/../etc", "PATH_REFUSED"],
    ["filesystem.read./data/./a", "PATH_REFUSED"],
    ["filesystem.read./data//a", "PATH_REFUSED"],
    ["filesystem.read./data/", "PATH_REFUSED"],
    ["filesystem.read./da\0ta", "PATH_REFUSED"],
    ["filesystem.read./da\nta", "PATH_REFUSED"],
    ["filesystem.read./da\u202Eta", "PATH_REFUSED"],
    ["filesystem.read./da\\ta", "PATH_REFUSED"],
    ["filesystem.read./e\u0301", "PATH_REFUSED"],
    ["filesystem.read./\uD800", "PATH_REFUSED"],
    ["filesystem.read./data/%2e%2e", "PATH_REFUSED"],
    ["filesystem.read./data/%", "PATH_REFUSED"],
    [`filesystem.read./${"a/".repeat(64)}a`, "PATH_REFUSED"],
    [`filesystem.read./${"a".repeat(1_024)}`, "POLICY_REFUSED"],
    ["filesystem..read", "POLICY_REFUSED"],
    ["", "POLICY_REFUSED"],
    ["--bind", "nothing"],
    ["a b", "POLICY_REFUSED"],
  ])("%j is answered with %s", (pattern, code) => {
    expect(codeOf(() => granted(pattern))).toBe(code);
  });

  it.each([
    "/proc",
    "/proc/1",
    "/sys/fs",
    "/dev/shm",
    "/run/docker.sock",
    "/boot",
    "/root",
    "/home",
  ])("never shows %s, alone or as a tree, to read or to write", (path) => {
    for (const verb of ["read", "write"]) {
      expect(codeOf(() => granted(`filesystem.${verb}.${path}`))).toBe("PATH_REFUSED");
      expect(codeOf(() => granted(`filesystem.${verb}.${path}/*`))).toBe("PATH_REFUSED");
    }
  });

  it.each([
    "/home/ann",
    "/Users/ann",
    "/plugin",
    "/plugin/x",
    "/data/plugins",
    "/data/plugins/other",
  ])("never shows %s, which is a home, the code or data of a plugin", (path) => {
    expect(codeOf(() => granted(`filesystem.read.${path}/*`))).toBe("PATH_REFUSED");
  });

  it.each([
    "/usr",
    "/usr/local/bin",
    "/etc",
    "/etc/cron.d",
    "/bin",
    "/lib",
    "/lib64",
    "/opt",
    "/var/lib",
    "/var",
  ])("never makes %s writable, from which the host runs programs", (path) => {
    expect(codeOf(() => granted(`filesystem.write.${path}/*`))).toBe("PATH_REFUSED");
  });

  it("never shows what the gateway reserved, from above, at it or below", () => {
    for (const path of ["/srv", "/srv/gateway", "/srv/gateway/audit"]) {
      const changes = { grants: [`filesystem.read.${path}/*`], reserved: ["/srv/gateway"] };
      expect(codeOf(() => compile({ ...changes, code: "/opt/echo" }))).toBe("PATH_REFUSED");
    }
  });

  it("never shows the tree of the code or the private data under a second name", () => {
    for (const path of [
      "/srv/store/*",
      "/srv/store/echo/*",
      "/srv/store/echo/lib/*",
      "/srv/data/echo/*",
    ]) {
      const changes = { grants: [`filesystem.write.${path}`], data: "/srv/data/echo" };
      expect(codeOf(() => compile(changes))).toBe("PATH_REFUSED");
    }
  });
});

describe("a policy", () => {
  it("is frozen at every depth and plain JSON", () => {
    const policy = granted("filesystem.read./data/*", "net.connect.a.example.org:443");
    expect(JSON.parse(JSON.stringify(policy))).toEqual(policy);
    for (const part of [
      policy,
      policy.mounts,
      policy.mounts[0],
      policy.egress,
      policy.limits,
      policy.command,
    ]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it("is named by a digest that changes with its content and is stable", () => {
    const policy = granted("filesystem.read./data/*");
    expect(policy.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(granted("filesystem.read./data/*").digest).toBe(policy.digest);
    expect(granted("filesystem.read./data2/*").digest).not.toBe(policy.digest);
    expect(isIntact(policy)).toBe(true);
    expect(isIntact({ ...policy, notes: ["all-programs"] })).toBe(false);
  });

  it("shows the code, and the private directory only when there is one", () => {
    expect(granted().mounts).toEqual([
      {
        source: "/srv/store/echo",
        target: "/plugin",
        mode: "ro",
        kind: "directory",
        origin: "code",
      },
    ]);
    expect(
      compile({ data: "/srv/data/echo" }).mounts.map(({ mode, target }) => `${mode} ${target}`),
    ).toEqual(["rw /data/plugins/self", "ro /plugin"]);
  });

  it("says what a person should know", () => {
    expect(granted().notes).toEqual([]);
    expect(granted("filesystem.write./out/*").notes).toEqual(["write-implies-read"]);
    expect(granted("exec.*").notes).toEqual(["all-programs"]);
    expect(granted("net.connect.*").notes).toEqual(["any-destination"]);
  });

  it("sets four variables, and those of the proxy only with a destination", () => {
    expect(granted().environment).toEqual({
      PATH: "/usr/bin:/bin",
      HOME: "/home/plugin",
      TMPDIR: "/tmp",
      LANG: "C.UTF-8",
    });
    expect(Object.keys(granted("net.connect.a.example.org:443").environment)).toContain(
      "HTTPS_PROXY",
    );
  });

  it("never changes a list of the caller", () => {
    const grants = Object.freeze(["filesystem.write./b/*", "filesystem.read./a/*"]);
    const command = Object.freeze(["main", "x"] as const);
    compile({ grants, command: [...command], denials: Object.freeze(["filesystem.read./a/x"]) });
    expect(grants).toEqual(["filesystem.write./b/*", "filesystem.read./a/*"]);
  });

  it.each([
    ["an empty name", { plugin: "" }],
    ["a name with a newline", { plugin: "a\nb" }],
    ["no memory", { limits: { ...limits, memoryBytes: 0 } }],
    ["half a process", { limits: { ...limits, pids: 0.5 } }],
    ["endless files", { limits: { ...limits, fileBytes: Infinity } }],
    ["no processor", { limits: { ...limits, cpuCores: 0 } }],
    ["a NUL in an argument", { command: ["main", "a\0--bind"] as const }],
    ["a lone surrogate in an argument", { command: ["main", "\uD800"] as const }],
  ])("is refused for %s", (_, changes) => {
    expect(codeOf(() => compile(changes as never))).toBe("POLICY_REFUSED");
  });

  it.each(["", "/bin/sh", "../main", "a/../b", "a//b", ".", "a\0b", "a\nb"])(
    "is refused for the program %j, which is no path inside the code",
    (program) => {
      expect(codeOf(() => compile({ command: [program] }))).toBe("PATH_REFUSED");
    },
  );

  it.each(["--help", "--dev-bind", "-", "a b", "bin/main"])(
    "takes the program %j literally",
    (program) => {
      expect(compile({ command: [program, ""] }).command).toEqual([program, ""]);
    },
  );

  it.each(["relative", "", "/", "/a/..", "/a\0", "-x", `/${"a".repeat(5_000)}`])(
    "is refused for the code directory %j",
    (code) => {
      expect(codeOf(() => compilePolicy(request({ code })))).toBe("PATH_REFUSED");
      expect(codeOf(() => compilePolicy(request({ data: code })))).toBe("PATH_REFUSED");
    },
  );
});
