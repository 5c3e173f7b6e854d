import { spawn } from "node:child_process";
import { closeSync, constants, existsSync, openSync } from "node:fs";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describeWith } from "@sigilrt/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Hostile, openHostile } from "./testing/hostile.ts";

describeWith(
  ["bwrap", "prlimit"],
  "a hostile plugin, near its launcher and the settings of the host,",
  () => {
    let hostile: Hostile;
    beforeAll(async () => {
      hostile = await openHostile();
    });
    afterAll(() => hostile[Symbol.asyncDispose]());

    it("6 reads the secret from /proc/*/environ", async () => {
      expect(await hostile.attack("cat /proc/*/environ | tr '\\0' '\\n'")).not.toContain(
        hostile.canary,
      );
    });

    it("7 reads the secret from its own environment", async () => {
      expect(await hostile.attack("env")).not.toContain(hostile.canary);
    });

    it("8 reads paths and variables from /proc/1/cmdline", async () => {
      const { stdout } = await hostile.confined.shell(
        "cat /proc/*/cmdline",
        { grants: ["exec.*"] },
        { env: { TOKEN: hostile.canary } },
      );
      expect(stdout).toContain("bwrap");
      expect(stdout).not.toContain(hostile.canary);
      expect(stdout).not.toContain(hostile.confined.root);
    });

    /** Starts a host that inherits the secret, open, at each of these descriptors. */
    const leaky = async (...descriptors: readonly number[]): Promise<string> => {
      const inherited = openSync(hostile.secret, constants.O_RDONLY);
      const stdio = Array.from({ length: Math.max(...descriptors) + 1 }, (_, fd) =>
        descriptors.includes(fd) ? inherited : ("ignore" as const),
      );
      const script = fileURLToPath(new URL("testing/leaky.ts", import.meta.url));
      const host = spawn(process.execPath, ["--conditions=@sigilrt/source", script], {
        stdio: ["ignore", "pipe", "inherit", ...stdio.slice(3)],
      });
      closeSync(inherited);
      return host.stdout === null ? "" : await text(host.stdout);
    };

    it("9 uses a descriptor that the gateway left open", async () => {
      const said = await leaky(40, 90);
      // Node closes the lowest ones itself; these two really were there to be inherited.
      expect(said).toMatch(/^leaked .*\b40,.*\b90\b/m);
      expect(said).toContain("told descriptor_covered");
      expect(said).toContain("40 -> /dev/null");
      expect(said).toMatch(/^end$/m);
      expect(said).not.toContain(hostile.canary);
    });

    it("9 finds no start at all when more descriptors are open than can be covered", async () => {
      const said = await leaky(600);
      expect(said).toContain("refused DESCRIPTOR_LEAK");
      expect(said).not.toContain(hostile.canary);
    });

    it("60 opens core_pattern, sysrq-trigger and binfmt_misc for writing", async () => {
      // Opens for appending and writes nothing.
      const files =
        "/proc/sys/kernel/core_pattern /proc/sysrq-trigger /proc/sys/fs/binfmt_misc/register /proc/sys/kernel/hostname";
      expect(await hostile.attack(`for f in ${files}; do (: >> $f) && echo open $f; done`)).toBe(
        "",
      );
    });

    it("61 sets the host name to the same name", async () => {
      expect(await hostile.attack("hostname; hostname $(hostname) && echo set")).toBe("plugin");
    });

    it("63 writes to control groups", async () => {
      expect(
        await hostile.attack("ls /sys/fs/cgroup; (: >> /sys/fs/cgroup/release_agent) && echo open"),
      ).toBe("");
    });

    it.each(["--help", "--dev-bind", "-c", "a b", "$(id)"])(
      "64 is a program named %s",
      async (name) => {
        await hostile.confined.addCode(name, `#!/bin/sh\necho ran "$1"\n`);
        await using started = await hostile.confined.start({ command: [name, ""] });
        expect(await text(started.stdout)).toBe("ran \n");
      },
    );

    it("64 lies in a folder whose name looks like an option", async () => {
      const folder = await hostile.confined.addFolder("--dev-bind");
      const { stdout } = await hostile.confined.shell(`(: > '${folder}/x') && echo wrote`, {
        grants: [`filesystem.write.${folder}/*`],
      });
      expect(stdout).toBe("wrote\n");
      expect(existsSync(`${folder}/x`)).toBe(true);
    });
  },
);
