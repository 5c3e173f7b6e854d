import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bwrapOptions, type BwrapPlan, closingOptions, joinOptions } from "./bwrap-args.ts";
import { mergeEnvironment } from "./environment.ts";
import { mergedLayout } from "./layout.ts";
import { compilePolicy } from "./policy.ts";
import { SandboxError } from "./sandbox-error.ts";
import { readOptions } from "./testing/bwrap-grammar.ts";
import { compile, request } from "./testing/requests.ts";

const plan = (changes: Partial<BwrapPlan> = {}): BwrapPlan => ({
  layout: mergedLayout,
  prlimit: "/usr/bin/prlimit",
  runtimes: [],
  generated: [{ target: "/etc/passwd", fd: 9 }],
  environment: { B: "2", A: "" },
  tmpBytes: 4_096,
  mounts: compile({ grants: ["filesystem.read./b/*", "filesystem.write./a/*"], data: "/srv/data" })
    .mounts,
  masks: [
    { target: "/b/x", kind: "directory" },
    { target: "/b/y", kind: "file" },
  ],
  sockets: "/run-dir/s",
  ...changes,
});
const spelled = (list: readonly string[]) =>
  readOptions(list).operations.map(({ option, values }) => [option, ...values].join(" "));

describe("the list of options", () => {
  it("has the documented items in the documented order", () => {
    expect(spelled([...bwrapOptions(plan()), ...closingOptions])).toEqual([
      "--unshare-user",
      "--unshare-pid",
      "--unshare-net",
      "--unshare-ipc",
      "--unshare-uts",
      "--unshare-cgroup",
      "--disable-userns",
      "--die-with-parent",
      "--new-session",
      "--cap-drop ALL",
      "--hostname plugin",
      "--clearenv",
      "--setenv A ",
      "--setenv B 2",
      "--ro-bind /usr/lib /usr/lib",
      "--ro-bind /usr/lib64 /usr/lib64",
      "--symlink usr/lib /lib",
      "--symlink usr/lib64 /lib64",
      "--symlink usr/bin /bin",
      "--ro-bind /usr/bin/dash /usr/bin/sh",
      "--ro-bind /usr/bin/env /usr/bin/env",
      "--ro-bind /usr/bin/prlimit /run/sigil/prlimit",
      "--ro-bind /usr/share/zoneinfo /usr/share/zoneinfo",
      "--ro-bind /usr/share/ca-certificates /usr/share/ca-certificates",
      "--ro-bind /etc/ssl/certs /etc/ssl/certs",
      "--perms 0444",
      "--file 9 /etc/passwd",
      "--proc /proc",
      ...["keys", "kcore", "kallsyms", "timer_list"].map(
        (name) => `--ro-bind /dev/null /proc/${name}`,
      ),
      "--remount-ro /proc",
      "--dev /dev",
      "--size 4096",
      "--tmpfs /dev/shm",
      "--remount-ro /dev",
      "--size 4096",
      "--tmpfs /tmp",
      "--size 4096",
      "--tmpfs /home/plugin",
      "--ro-bind /srv/store/echo /plugin",
      "--bind /a /a",
      "--ro-bind /b /b",
      "--bind /srv/data /data/plugins/self",
      "--perms 0555",
      "--size 4096",
      "--tmpfs /b/x",
      "--remount-ro /b/x",
      "--ro-bind /dev/null /b/y",
      "--bind /run-dir/s /run/plugin",
      "--remount-ro /",
      "--chdir /plugin",
    ]);
  });

  it("binds by descriptor what was opened, and names no path of it", () => {
    const mounts = plan().mounts.map((mount, index) =>
      Object.assign({ descriptor: 20 + index }, mount),
    );
    const list = spelled(bwrapOptions(plan({ mounts })));
    const bound = list.filter((item) => item.includes("bind-fd"));
    expect(bound).toHaveLength(mounts.length);
    for (const { mode, target, descriptor, source } of mounts) {
      expect(bound).toContain(`--${mode === "rw" ? "" : "ro-"}bind-fd ${descriptor} ${target}`);
      expect(list.some((item) => item.startsWith(`--bind ${source} `))).toBe(false);
      expect(list.some((item) => item.startsWith(`--ro-bind ${source} `))).toBe(false);
    }
  });

  it("leaves out /lib64, and whatever else the system has not", () => {
    const layout = {
      libraries: ["/usr/lib"],
      links: { "/lib": "usr/lib", "/bin": "usr/bin" },
      shared: [],
      shell: "/usr/bin/bash",
      env: "/usr/bin/coreutils",
      hiddenProc: [],
    };
    const list = spelled(bwrapOptions(plan({ layout })));
    expect(list.filter((item) => /lib64|zoneinfo|certs|kcore/.test(item))).toEqual([]);
    expect(list).toContain("--ro-bind /usr/bin/coreutils /usr/bin/env");
  });

  it("binds the folders of a system that is not merged as they are", () => {
    const layout = {
      ...mergedLayout,
      libraries: ["/usr/lib", "/lib", "/lib64"],
      links: {},
      shell: "/bin/dash",
    };
    const list = spelled(bwrapOptions(plan({ layout })));
    expect(list).toContain("--ro-bind /lib64 /lib64");
    expect(list).toContain("--ro-bind /bin/dash /bin/sh");
  });

  it("does not bind a system folder that is hidden as a whole", () => {
    const masks = [{ target: "/etc/ssl/certs", kind: "directory" }] as const;
    expect(spelled(bwrapOptions(plan({ masks })))).not.toContain(
      "--ro-bind /etc/ssl/certs /etc/ssl/certs",
    );
  });

  it("is joined with a NUL behind each value, and an empty one is kept", () => {
    expect(joinOptions(["--setenv", "A", ""])).toBe("--setenv\0A\0\0");
  });

  it("is never joined from a value that holds a NUL, which would start a further option", () => {
    expect(() => joinOptions(["--setenv", "A", "x\0--bind\0/\0/"])).toThrow(TypeError);
  });
});

describe("for any strings", () => {
  const wild = fc.string({ unit: "binary", maxLength: 12 });
  const tricky = fc.constantFrom(
    "--",
    "-",
    "--bind",
    "--dev-bind",
    "a b",
    "$(x)",
    "%2A",
    "é",
    "'\"",
    "=",
  );
  const refused = fc.constantFrom("", "..", ".", "*", "a\0--bind", "\n", "\uD800");
  const hostile = fc.oneof(
    { arbitrary: tricky, weight: 40 },
    { arbitrary: wild, weight: 1 },
    { arbitrary: refused, weight: 1 },
  );
  const path = fc
    .array(hostile, { minLength: 1, maxLength: 3 })
    .map((parts) => `/x/${parts.join("/")}`);
  const grant = fc
    .tuple(
      fc.constantFrom("filesystem.read.", "filesystem.write.", "exec.run."),
      path,
      fc.constantFrom("", "/*"),
    )
    .map((parts) => parts.join(""));
  const name = fc.oneof({ arbitrary: fc.constantFrom("A_1", "PLUGIN_X"), weight: 9 }, hostile);
  const asked = fc.record({
    grants: fc.array(grant, { maxLength: 3 }),
    readDeny: fc.array(path, { maxLength: 2 }),
    code: path.map((text) => text.replaceAll("%2A", "s").replace("/x/", "/code/")),
    argument: hostile,
    variable: fc.tuple(name, hostile),
  });
  const compiled = ({
    grants,
    readDeny,
    code,
    argument,
    variable,
  }: typeof asked extends fc.Arbitrary<infer Value> ? Value : never) => {
    try {
      const policy = compilePolicy(
        request({ grants, readDeny, code, command: ["--bind", argument] }),
      );
      const environment = mergeEnvironment(policy.environment, { [variable[0]]: variable[1] });
      return { policy, environment };
    } catch (error) {
      expect(error).toBeInstanceOf(SandboxError);
      return undefined;
    }
  };

  it("nothing is compiled, or an independent reader finds exactly the intended mounts and variables", () => {
    let read = 0;
    fc.assert(
      fc.property(asked, (input) => {
        const result = compiled(input);
        const mounts = result?.policy.mounts ?? [];
        const environment = result?.environment ?? {};
        const masks = (result?.policy.masks ?? []).map(({ target }) => ({
          target,
          kind: "file" as const,
        }));
        const options = bwrapOptions(plan({ mounts, masks, environment }));
        const { operations } = readOptions(joinOptions(options).split("\0").slice(0, -1));
        const base = readOptions(
          bwrapOptions(plan({ mounts: [], masks: [], environment: {} })),
        ).operations;
        const added = operations.filter(
          (operation) => !base.some((other) => JSON.stringify(other) === JSON.stringify(operation)),
        );
        const intended = [
          ...mounts.map(({ mode, source, target }) => [
            mode === "rw" ? "--bind" : "--ro-bind",
            source,
            target,
          ]),
          ...masks.map(({ target }) => ["--ro-bind", "/dev/null", target]),
          ...Object.entries(environment).map(([key, value]) => ["--setenv", key, value]),
        ];
        const found = added.map(({ option, values }) => JSON.stringify([option].concat(values)));
        expect(found.toSorted()).toEqual(intended.map((item) => JSON.stringify(item)).toSorted());
        read += mounts.length;
      }),
      { numRuns: 500 },
    );
    // The law is not kept by refusing everything.
    expect(read).toBeGreaterThan(20);
  });
});
