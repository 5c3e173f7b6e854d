import { once } from "node:events";
import { chmod, mkdtemp, readdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { text } from "node:stream/consumers";
import { describeWith } from "@sigilrt/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compilePolicy, type PolicyRequest } from "./policy.ts";
import { createSandbox, diagnoseSandbox } from "./sandbox.ts";
import { SandboxError } from "./sandbox-error.ts";
import { type Confined, openConfined, plugin } from "./testing/confined.ts";
import { type LaunchOptions } from "./sandboxed-process.ts";
import { request } from "./testing/requests.ts";
import { codeOfAsync } from "./testing/thrown.ts";

describeWith(["bwrap", "prlimit"], "a sandbox", () => {
  let confined: Confined;
  beforeAll(async () => {
    confined = await openConfined();
  });
  afterAll(() => confined[Symbol.asyncDispose]());

  describe("the defects of the original stay fixed:", () => {
    it("gives a plugin without a network section no interface but loopback", async () => {
      const { stdout } = await confined.shell(
        'while read -r name rest; do echo "$name"; done < /proc/net/dev; while read -r line; do echo route; done < /proc/net/route',
      );
      expect(stdout.split("\n").filter((line) => line.endsWith(":"))).toEqual(["lo:"]);
      // The head of the table alone.
      expect(stdout.match(/^route$/gm)).toEqual(["route"]);
    });

    it("starts a plugin stored outside system folders", async () => {
      const { stdout, exit } = await confined.shell("echo started");
      expect([stdout, exit]).toEqual(["started\n", { code: 0, signal: null, reason: "exited" }]);
    });

    it("sees exactly the mounts, variables and rights listed", async () => {
      const out = await confined.addFolder("exact");
      const { stdout } = await confined.shell(
        [
          'while read -r _ _ _ _ at _; do echo "mount $at"; done < /proc/self/mountinfo',
          'env | while read -r line; do echo "env $line"; done',
          'while read -r line; do echo "status $line"; done < /proc/self/status',
        ].join("\n"),
        { grants: [`filesystem.write.${out}/*`] },
        { env: { GREETING: "hello" } },
      );
      const lines = stdout.split("\n");
      const mounts = lines.filter((line) => line.startsWith("mount ")).map((line) => line.slice(6));
      expect(mounts.filter((path) => !/^\/(?:proc|dev|etc)(?:\/|$)/.test(path)).toSorted()).toEqual(
        [
          ...[
            "/",
            "/data/plugins/self",
            "/home/plugin",
            "/plugin",
            "/run/plugin",
            "/run/sigil/prlimit",
          ],
          ...["/tmp", "/usr/bin/env", "/usr/bin/sh", "/usr/lib", "/usr/lib64"],
          ...["/usr/share/ca-certificates", "/usr/share/zoneinfo", out],
        ].toSorted(),
      );
      expect(lines.filter((line) => line.startsWith("env ")).toSorted()).toEqual([
        "env GREETING=hello",
        "env HOME=/home/plugin",
        "env LANG=C.UTF-8",
        "env PATH=/usr/bin:/bin",
        "env PWD=/plugin",
        "env TMPDIR=/tmp",
      ]);
      expect(stdout).toMatch(/^status CapEff:\s*0+$/m);
      expect(stdout).toMatch(/^status CapBnd:\s*0+$/m);
      expect(stdout).toMatch(/^status NoNewPrivs:\s*1$/m);
    });

    it("denies a file and a folder, both unreadable and unwritable", async () => {
      await confined.addCode("secret", "canary");
      const { stdout } = await confined.shell(
        [
          "cat /plugin/secret; echo x > /plugin/secret && echo written",
          "ls /plugin/private; echo x > /plugin/private/new && echo written",
          "cat /etc/shadow; ls ~/.ssh",
        ].join("\n"),
        {
          grants: ["exec.*"],
          readDeny: ["/plugin/secret", "/plugin/private/*", "/etc/shadow", "~/.ssh/*"],
        },
      );
      expect(stdout).toBe("");
    });
  });

  describe("a program", () => {
    it("gets its arguments and variables literally, an empty one included", async () => {
      const hostile = ["", "--bind", "--", "a b", "$(id)", "é\n"];
      const { stdout } = await confined.node(
        "console.log(JSON.stringify([process.argv.slice(2), process.env.EMPTY, process.env.ODD]))",
        { command: ["node", "/plugin/script.mjs", ...hostile] },
        { args: ["--setenv", ""], env: { EMPTY: "", ODD: "--ro-bind / /" } },
      );
      expect(JSON.parse(stdout)).toEqual([[...hostile, "--setenv", ""], "", "--ro-bind / /"]);
    });

    it("talks over its streams and over the link at descriptor 3", async () => {
      await confined.addCode(
        "echo.sh",
        '#!/bin/sh\nread -r line; echo "in $line"; read -r line <&3; echo "link $line" >&3\n',
      );
      await using started = await confined.start({ command: ["echo.sh"] }, { link: true });
      const { link } = started;
      expect(link).toBeDefined();
      started.stdin.write("one\n");
      link?.write("two\n");
      const said = await Promise.all(
        [started.stdout, link ?? started.stderr].map((one) => text(one)),
      );
      expect(said).toEqual(["in one\n", "link two\n"]);
    });

    it("is found by the host at a socket that it made", async () => {
      await confined.addCode(
        "serve.mjs",
        "import { createServer } from 'node:net'; createServer((s) => s.end('hello')).listen('/run/plugin/main.sock', () => console.log('up'));",
      );
      await using started = await confined.start({ command: ["node", "/plugin/serve.mjs"] });
      await once(started.stdout, "data");
      expect(await text(await started.connect("main.sock"))).toBe("hello");
      expect(await codeOfAsync(started.connect("other.sock"))).toBe("SOCKET_MISSING");
    });

    it("ends with its code, its signal or at our wish, and each has its reason", async () => {
      expect((await confined.shell("exit 7")).exit).toEqual({
        code: 7,
        signal: null,
        reason: "exited",
      });
      expect((await confined.shell("kill -KILL $$")).exit).toEqual({
        code: null,
        signal: "SIGKILL",
        reason: "signalled",
      });
      await confined.addCode("wait.sh", "#!/bin/sh\necho up\nread -r line\n");
      await using waiting = await confined.start({ command: ["wait.sh"] });
      await once(waiting.stdout, "data");
      await waiting.terminate();
      expect(await waiting.exited).toEqual({ code: null, signal: "SIGTERM", reason: "terminated" });
      await using closed = await confined.start({ command: ["wait.sh"] });
      await closed.close();
      expect((await closed.exited).reason).toBe("closed");
      expect(await codeOfAsync(closed.connect("main.sock"))).toBe("CLOSED");
    });

    it("that closes its input does not end the host", async () => {
      await confined.addCode("deaf.sh", "#!/bin/sh\nexec 0<&-\necho deaf\n");
      await using started = await confined.start({ command: ["deaf.sh"] });
      await started.exited;
      started.stdin.write("x".repeat(1_000_000));
      expect(await text(started.stdout)).toBe("deaf\n");
    });

    it("keeps its own data between two starts, and nothing else", async () => {
      await confined.shell("echo kept > /data/plugins/self/note; echo lost > /tmp/note");
      const { stdout } = await confined.shell("cat /data/plugins/self/note /tmp/note", {
        grants: ["exec.*"],
      });
      expect(stdout).toBe("kept\n");
    });

    it("leaves no socket folder behind, also a nested and closed one", async () => {
      await confined.shell(
        "mkdir -p /run/plugin/a/b/c; ln -s /etc /run/plugin/a/link; chmod 0 /run/plugin/a/b; chmod 0 /run/plugin/a",
        { grants: ["exec.*"] },
      );
      const left = await readdir(confined.options.runtimeDirectory);
      expect(left.filter((name) => name.startsWith("s-") || name.startsWith("p-"))).toEqual([]);
    });
  });

  describe("launch refuses", () => {
    const launch = (changes: Partial<PolicyRequest>, options: LaunchOptions = {}) =>
      codeOfAsync(confined.start(changes, options));

    it("a policy with a destination, since egress is not in this version", async () => {
      expect(await launch({ grants: ["net.connect.api.example.org:443"] })).toBe("POLICY_REFUSED");
    });

    it("a policy that was changed after compiling, or compiled for another platform", async () => {
      const policy = compilePolicy(request({ code: confined.code }));
      const changed = { ...policy, mounts: [...policy.mounts, ...policy.mounts] };
      expect(await codeOfAsync(confined.sandbox.launch(changed))).toBe("POLICY_REFUSED");
      expect(await launch({ platform: "darwin" })).toBe("POLICY_REFUSED");
    });

    it("a folder where one file was granted", async () => {
      const folder = await confined.addFolder("a-folder");
      expect(await launch({ grants: [`filesystem.read.${folder}`] })).toBe("GRANT_NOT_A_FILE");
    });

    it("a file, a socket or nothing where a folder was granted", async () => {
      const folder = await confined.addFolder("kinds");
      await writeFile(`${folder}/file`, "");
      await using server = createServer().listen(`${folder}/socket`);
      await once(server, "listening");
      for (const name of ["file", "socket", "nothing"]) {
        expect(await launch({ grants: [`filesystem.read.${folder}/${name}/*`] })).toBe(
          "PATH_REFUSED",
        );
      }
      expect(await launch({ grants: [`filesystem.read.${folder}/socket`] })).toBe("PATH_REFUSED");
    });

    it("a link in any place of a granted path", async () => {
      const folder = await confined.addFolder("real");
      await symlink(folder, `${confined.root}/alias`);
      expect(await launch({ grants: [`filesystem.read.${confined.root}/alias/*`] })).toBe(
        "PATH_REFUSED",
      );
    });

    it.each([".git", ".hg", ".husky", ".envrc", ".ssh", ".profile", ".bashrc"])(
      "to make a folder with %s writable",
      async (name) => {
        const folder = await confined.addFolder(`host${name}`);
        await writeFile(`${folder}/${name}`, "");
        expect(await launch({ grants: [`filesystem.write.${folder}/*`] })).toBe(
          "GRANT_HOST_EXECUTED",
        );
        expect(await launch({ grants: [`filesystem.write.${folder}/${name}`] })).toBe(
          "GRANT_HOST_EXECUTED",
        );
        expect(await launch({ grants: [`filesystem.read.${folder}/*`] })).toBe("BINARY_REFUSED");
      },
    );

    it("to show its own runtime directory", async () => {
      expect(
        await launch({ grants: [`filesystem.read.${confined.options.runtimeDirectory}/*`] }),
      ).toBe("PATH_REFUSED");
    });

    it("a source behind a closed folder, and names that folder", async () => {
      const closed = `${confined.root}/closed`;
      await confined.addFolder("closed");
      await writeFile(`${closed}/file`, "");
      await chmod(closed, 0);
      const started = confined.start({ grants: [`filesystem.read.${closed}/*`] });
      await expect(started).rejects.toThrow(`"${closed}"`);
      await chmod(closed, 0o700);
    });

    it("a hidden path that is not there yet inside a writable grant", async () => {
      const readDeny = ["/data/plugins/self/later"];
      expect(["PATH_REFUSED", "NESTED_MOUNT_UNSAFE"]).toContain(await launch({ readDeny }));
    });

    it("a program that is not in the code", async () => {
      expect(await launch({ command: ["missing"] })).toBe("BINARY_REFUSED");
    });

    it.each(["LD_PRELOAD", "NODE_OPTIONS", "PATH"])("the variable %s", async (name) => {
      expect(await launch({}, { env: { [name]: "x" } })).toBe("ENV_REFUSED");
    });

    it("NUL in an argument of the launch", async () => {
      expect(await launch({}, { args: ["a\0--bind"] })).toBe("POLICY_REFUSED");
    });

    it("to start for a signal that was given already", async () => {
      const reason = new Error("too late");
      const started = confined.start({}, { signal: AbortSignal.abort(reason) });
      await expect(started).rejects.toBe(reason);
    });

    it("everything once it is closed, and closing ends what runs, newest first", async () => {
      await using other = await openConfined();
      await other.addCode("wait.sh", "#!/bin/sh\nread -r line\n");
      const ended: string[] = [];
      for (const name of ["older", "newer"]) {
        // oxlint-disable-next-line no-await-in-loop -- one starts after the other
        const started = await other.start({ command: ["wait.sh"] });
        void started.exited.then(() => ended.push(name));
      }
      await other.sandbox.close();
      await other.sandbox.close();
      expect(ended).toEqual(["newer", "older"]);
      expect(await codeOfAsync(other.start({}))).toBe("CLOSED");
    });
  });

  describe("createSandbox", () => {
    it("reports what it found and what this version lacks", () => {
      const { report } = confined.sandbox;
      expect(report.usable).toBe(true);
      const status = Object.fromEntries(report.probes.map((row) => [row.name, row.status]));
      expect(status).toMatchObject({
        ...{ bwrap: "passed", prlimit: "passed", identity: "passed", namespaces: "passed" },
        ...{ usernsDisabled: "passed", procReadOnly: "passed", environment: "passed" },
        ...{ seccomp: "absent", bindFd: "absent", cgroup: "absent", relay: "absent" },
      });
      expect(["safe", "unsafe"]).toContain(report.nestedMounts);
      expect(report.notes).toContain("memory-per-process");
      expect(report.notes).toContain("cpu-unenforced");
    });

    it("refuses a missing or untrusted tool and names the remedy; diagnosing never throws", async () => {
      const folder = await mkdtemp(`${await realpath(tmpdir())}/tools-`);
      const write = async (name: string, mode: number) => {
        await writeFile(`${folder}/${name}`, "");
        await chmod(`${folder}/${name}`, mode);
        return `${folder}/${name}`;
      };
      const cases = [
        [`${folder}/missing`, "TOOL_MISSING"],
        ["bwrap", "TOOL_REFUSED"],
        [folder, "TOOL_REFUSED"],
        [await write("set-id", 0o4755), "TOOL_REFUSED"],
        [await write("open", 0o757), "TOOL_REFUSED"],
        [await write("broken", 0o755), "USERNS_BLOCKED"],
      ] as const;
      await Promise.all(
        cases.map(async ([bwrap, code]) => {
          const options = { ...confined.options, bwrap };
          const error = await createSandbox(options).catch((reason: unknown) => reason);
          expect(error).toBeInstanceOf(SandboxError);
          expect(error).toMatchObject({ code, remedy: expect.any(String) as string });
          expect((await diagnoseSandbox(options)).usable).toBe(false);
        }),
      );
      await rm(folder, { recursive: true });
    });

    it.each([
      ["a name that the launcher itself uses", { prlimit: "/usr/bin/node" }],
      ["a malformed name", { "../node": "/usr/bin/node" }],
      ["a relative path", { node: "node" }],
    ])("refuses %s for a runtime", async (_, runtimes) => {
      await expect(createSandbox({ ...confined.options, runtimes })).rejects.toThrow(TypeError);
    });

    it("runs plugins as the identity that was chosen", async () => {
      const { stdout } = await confined.shell(
        'while read -r line; do echo "$line"; done < /proc/self/status',
      );
      expect(stdout).toMatch(new RegExp(`^Uid:\\s+${plugin.uid}\\s+${plugin.uid}`, "m"));
      expect(stdout).toMatch(new RegExp(`^Gid:\\s+${plugin.gid}\\s+${plugin.gid}`, "m"));
    });
  });
});
