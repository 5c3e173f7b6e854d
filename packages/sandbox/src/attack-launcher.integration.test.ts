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
