import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { describeWith } from "@sigilrt/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createSandbox, diagnoseSandbox } from "./sandbox.ts";
import { SandboxError } from "./sandbox-error.ts";
import { type Confined, openConfined, plugin } from "./testing/confined.ts";

describeWith(["bwrap", "prlimit"], "createSandbox", () => {
  let confined: Confined;
  beforeAll(async () => {
    confined = await openConfined();
  });
  afterAll(() => confined[Symbol.asyncDispose]());

  it("reports what it found and what this version lacks", () => {
    const { report } = confined.sandbox;
    expect(report.usable).toBe(true);
    const status = Object.fromEntries(report.probes.map((row) => [row.name, row.status]));
    expect(status).toMatchObject({
      bwrap: "passed",
      prlimit: "passed",
      identity: "passed",
      namespaces: "passed",
      usernsDisabled: "passed",
      procReadOnly: "passed",
      environment: "passed",
      seccomp: "passed",
      relay: "passed",
    });
    expect(["safe", "unsafe"]).toContain(report.nestedMounts);
    const bindsByDescriptor = execFileSync("bwrap", ["--help"]).includes("--ro-bind-fd");
    expect(status["bindFd"]).toBe(bindsByDescriptor ? "passed" : "degraded");
    expect(report.notes.includes("bound-by-path")).toBe(!bindsByDescriptor);
    const perProcess = report.cgroup === "none";
    expect(status["cgroup"]).toBe(perProcess ? "degraded" : "passed");
    expect(report.notes.includes("memory-per-process")).toBe(perProcess);
    expect(report.notes.includes("cpu-unenforced")).toBe(perProcess);
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
