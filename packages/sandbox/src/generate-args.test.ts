import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { generateArgs, type SandboxManifest } from "./generate-args.ts";
import { readOptions } from "./testing/bwrap-grammar.ts";
import { darwin, generate, linux, manifest } from "./testing/manifests.ts";
import { codeOf } from "./testing/thrown.ts";

const mounts = (args: readonly string[]) =>
  readOptions(args.slice(1))
    .operations.filter(({ option }) => option.endsWith("bind"))
    .map(({ option, values }) => [option, ...values].join(" "));

describe("the arguments for Linux", () => {
  it("begin with bwrap, bind read-only and end with the program", () => {
    const args = generate();
    expect(basename(args[0] ?? "")).toBe("bwrap");
    expect(args).toContain("--ro-bind");
    expect(args.at(-1)).toBe("/plugin/main");
  });

  it("bind the program alone, or the tree around it", () => {
    expect(mounts(generate())).toContain("--ro-bind /opt/echo/main /plugin/main");
    const args = generate(manifest(), "/opt/echo/bin/main", { ...linux, code: "/opt/echo" });
    expect(mounts(args)).toContain("--ro-bind /opt/echo /plugin");
    expect(args.at(-1)).toBe("/plugin/bin/main");
  });

  it("set hard limits by prlimit in front of the program", () => {
    const asked = { ...manifest(), resources: { memoryBytes: 1_000, cpu: 2, pids: 7 } };
    const { command } = readOptions(generate(asked).slice(1));
    expect(command).toEqual([
      "/run/sigil/prlimit",
      "--data=1000:1000",
      "--nproc=7:7",
      "--nofile=1024:1024",
      "--fsize=1073741824:1073741824",
      "--core=0:0",
      "--",
      "/plugin/main",
    ]);
  });

  it("give Node room for the code range that it reserves and does not use", () => {
    const { command } = readOptions(generate(manifest(), "/opt/node/bin/node").slice(1));
    expect(command[1]).toBe("--data=805306368:805306368");
  });

  it("grant what the manifest asks for", () => {
    const asked = manifest({ filesystem: { writeAllow: ["/out/*", "/data/plugins/self/*"] } }, [
      "filesystem.read./in/*",
      "exec.run./usr/bin/git",
      "sessions.read",
    ]);
    const args = generate(asked, "/opt/echo/main", { ...linux, data: "/srv/data/echo" });
    expect(mounts(args).slice(-5)).toEqual([
      "--ro-bind /opt/echo/main /plugin/main",
      "--bind /srv/data/echo /data/plugins/self",
      "--ro-bind /in /in",
      "--bind /out /out",
      "--ro-bind /usr/bin/git /usr/bin/git",
    ]);
  });

  it("give a manifest with network entries no network rather than an open one", () => {
    const args = generate(manifest({ network: { allow: ["api.example.org:443"] } }));
    expect(args).toContain("--unshare-net");
    expect(args.filter((arg) => arg.startsWith("--share"))).toEqual([]);
  });

  it("mask what is denied inside a grant", () => {
    const asked = manifest({
      filesystem: { writeAllow: ["/out/*"], readDeny: ["/out/a", "/out/b/*"] },
    });
    const { operations } = readOptions(generate(asked).slice(1));
    expect(operations).toContainEqual({ option: "--ro-bind", values: ["/dev/null", "/out/a"] });
    expect(operations).toContainEqual({ option: "--tmpfs", values: ["/out/b"] });
    expect(operations).toContainEqual({ option: "--remount-ro", values: ["/out/b"] });
  });
});

describe("the arguments for macOS", () => {
  it("begin with sandbox-exec, with the profile by -p and every path by -D", () => {
    const args = generate(
      manifest({ filesystem: { writeAllow: ["/private/tmp/out/*"] } }),
      "/opt/echo/main",
      darwin,
    );
    expect(args[0]).toBe("/usr/bin/sandbox-exec");
    expect(args[1]).toBe("-p");
    expect(args[2]).not.toContain("/private/tmp/out");
    expect(args).toContain("P1=/private/tmp/out");
    expect(args.at(-1)).toBe("/opt/echo/main");
  });
});

describe("the tier", () => {
  it.each(["wasm", "container"] as const)(
    "%s answers null on every platform, before anything else",
    (tier) => {
      for (const platform of ["linux", "darwin", "win32", "aix"] as const) {
        expect(
          generateArgs({ name: "", execution: { tier } }, "not a path", { platform }),
        ).toBeNull();
      }
    },
  );

  it("that nobody knows is refused", () => {
    const execution = { tier: "bare" } as unknown as SandboxManifest["execution"];
    expect(codeOf(() => generateArgs({ name: "echo", execution }, "/opt/a", linux))).toBe(
      "POLICY_REFUSED",
    );
  });
});

describe("a platform", () => {
  it.each(["win32", "freebsd", "aix"] as const)(
    "%s is refused for the process tier",
    (platform) => {
      expect(codeOf(() => generate(manifest(), "/opt/a", { platform }))).toBe(
        "UNSUPPORTED_PLATFORM",
      );
    },
  );
});

describe("the path of the program", () => {
  it.each([
    "main",
    "./main",
    "-x",
    "--help",
    "",
    "/",
    "/opt/../etc/passwd",
    "/opt/a\0b",
    "/opt/a\nb",
    "/opt//a",
    "/opt/a/",
    "/proc/self/exe",
    "/dev/null",
    "/sys/x",
    "/run/x",
    "/boot/x",
    "/etc/passwd",
    "/etc",
    "/usr",
    "/opt",
    "/root",
    "/home/ann",
    "/var/lib",
    "/var",
  ])("%j is refused", (binary) => {
    expect(codeOf(() => generate(manifest(), binary))).toBe("BINARY_REFUSED");
  });

  it.each(["/opt/echo/main", "/usr/local/bin/x", "/home/ann/x/main", "/srv/a b/--help", "/tmp/-x"])(
    "%j is taken",
    (binary) => {
      expect(generate(manifest(), binary).at(-1)).toBe(`/plugin/${basename(binary)}`);
    },
  );

  it("is refused outside the tree that is to hold it", () => {
    const options = { ...linux, code: "/opt/echo" };
    expect(codeOf(() => generate(manifest(), "/opt/other/main", options))).toBe("BINARY_REFUSED");
    expect(codeOf(() => generate(manifest(), "/opt/echo2/main", options))).toBe("BINARY_REFUSED");
  });

  it("is never writable by a grant around it", () => {
    const asked = manifest({ filesystem: { writeAllow: ["/srv/echo/*"] } });
    expect(codeOf(() => generate(asked, "/srv/echo/main"))).toBe("PATH_REFUSED");
  });
});
