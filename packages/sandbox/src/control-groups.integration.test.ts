import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findControlGroups } from "./control-groups.ts";
import { type Confined, openConfined } from "./testing/confined.ts";
import { limits } from "./testing/requests.ts";

const MEBIBYTE = 1_048_576;
const groups = findControlGroups();
const mark = groups ? "" : " (not proven here: needs control groups that can be written)";
const isFirst = groups?.version === "v1";
const first = isFirst ? "" : " (not proven here: needs control groups of version 1)";

/** Where this process's group of a controller lies; the hierarchies are mounted in the usual place. */
const parent = (controller: string): string => {
  const line = readFileSync("/proc/self/cgroup", "utf8")
    .split("\n")
    .find((text) => text.split(":")[1] === controller);
  return join("/sys/fs/cgroup", controller, line?.split(":")[2] ?? "");
};
const own = (controller: string): readonly string[] =>
  readdirSync(parent(controller)).filter((name) => name.startsWith(`sigil-${process.pid}-`));

describe.skipIf(!groups)(`limits of all processes of a launch together${mark}`, () => {
  let confined: Confined;
  beforeAll(async () => {
    confined = await openConfined();
  });
  afterAll(() => confined[Symbol.asyncDispose]());

  it("holds what two sandboxes of one process launch at once apart", async () => {
    const second = findControlGroups();
    const made = [groups, second].flatMap((found) => found?.create("one", limits) ?? []);
    expect(made).toHaveLength(2);
    await Promise.all(made.map((group) => group.remove()));
  });

  it("55 ends a program that uses more memory than its limit, and says why", async () => {
    const { exit, stdout } = await confined.node(
      "const kept = []; for (let i = 0; i < 40; i += 1) kept.push(Buffer.alloc(10_485_760, 1)); console.log('fits', kept.length);",
      { limits: { ...limits, memoryBytes: 128 * MEBIBYTE } },
    );
    expect({ ...exit, stdout }).toEqual({
      code: null,
      signal: "SIGKILL",
      reason: "memory_killed",
      stdout: "",
    });
    expect(confined.violations.map(({ kind }) => kind)).toContain("memory_killed");
  });

  it("counts the memory of every process, and what lies in /tmp", async () => {
    confined.violations.length = 0;
    const script =
      "for n in 1 2 3 4; do head -c 40000000 /dev/zero > /tmp/$n || break; done; echo wrote; sleep 1";
    const one = { ...limits, fileBytes: 64 * MEBIBYTE, tmpBytes: 256 * MEBIBYTE };
    await confined.shell(script, {
      grants: ["exec.*"],
      limits: { ...one, memoryBytes: 100 * MEBIBYTE },
    });
    expect(confined.violations.map(({ kind }) => kind)).toContain("memory_killed");
    const enough = await confined.shell(script, {
      grants: ["exec.*"],
      limits: { ...one, memoryBytes: 256 * MEBIBYTE },
    });
    expect(enough.stdout).toBe("wrote\n");
  });

  it("reports a program that asks for more processes than its limit", async () => {
    confined.violations.length = 0;
    await confined.shell(
      "i=0; while [ $i -lt 100 ]; do (sleep 20 & ) 2>/dev/null || break; i=$((i+1)); done",
      { grants: ["exec.*"], limits: { ...limits, pids: 16 } },
    );
    expect(confined.violations.map(({ kind }) => kind)).toContain("processes");
  });

  it.runIf(isFirst)(
    `sets the share of the processor before the program runs, and leaves no group behind${first}`,
    async () => {
      await confined.addCode("wait.sh", "#!/bin/sh\necho up\nread -r _\n");
      const started = await confined.start({
        command: ["wait.sh"],
        limits: { ...limits, cpuCores: 0.25, memoryBytes: 64 * MEBIBYTE },
      });
      await once(started.stdout, "data");
      const [name = ""] = own("cpu");
      const read = (controller: string, file: string): string =>
        readFileSync(join(parent(controller), name, file), "utf8").trim();
      expect(
        Number(read("cpu", "cpu.cfs_quota_us")) / Number(read("cpu", "cpu.cfs_period_us")),
      ).toBe(0.25);
      expect(read("memory", "memory.limit_in_bytes")).toBe(String(64 * MEBIBYTE));
      expect(read("pids", "pids.max")).toBe(String(limits.pids));
      const inside = read("cpu", "cgroup.procs").split("\n");
      expect(inside.length).toBeGreaterThan(0);
      expect(read("memory", "cgroup.procs").split("\n")).toEqual(inside);
      await started.close();
      for (const controller of ["cpu", "memory", "pids"]) expect(own(controller)).toEqual([]);
    },
  );

  it.runIf(isFirst)(`removes the groups of a gateway that was killed${first}`, () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    const abandoned = join(parent("pids"), `sigil-${pid}-1`);
    mkdirSync(abandoned);
    expect(findControlGroups()).toBeDefined();
    expect(existsSync(abandoned)).toBe(false);
  });
});
