import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { rm, stat } from "node:fs/promises";
import { describeWith } from "@sigilrt/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { findControlGroups } from "./control-groups.ts";
import { type Confined, openConfined } from "./testing/confined.ts";
import { coveredSlots, leakedDescriptors } from "./descriptors.ts";
import { liveWith } from "./testing/live.ts";
import { limits } from "./testing/requests.ts";

const MEBIBYTE = 1_048_576;
const isGrouped = findControlGroups() !== undefined;

describeWith(["bwrap", "prlimit", "python"], "a plugin that uses up what it can", () => {
  let confined: Confined;
  beforeAll(async () => {
    confined = await openConfined();
    await confined.addCode("answer.sh", "#!/bin/sh\necho answered\n");
  });
  afterAll(() => confined[Symbol.asyncDispose]());
  beforeEach(() => {
    confined.violations.length = 0;
  });

  const kinds = () => confined.violations.map(({ kind }) => kind);
  /** Another plugin starts, answers and ends, as if nothing happened beside it. */
  const expectHostAnswers = async (): Promise<void> => {
    const { stdout, exit } = await confined.run({ command: ["answer.sh"] });
    expect({ stdout, ...exit }).toEqual({
      stdout: "answered\n",
      code: 0,
      signal: null,
      reason: "exited",
    });
  };

  describe("by a memory bomb", () => {
    const bomb = `
const kept = [];
for (let left = 128; left > 0; left -= 1) {
  kept.push(Buffer.alloc(${8 * MEBIBYTE}, 1));
  console.log(kept.length);
}`;
    const memory = { ...limits, memoryBytes: 128 * MEBIBYTE };

    it.runIf(isGrouped)("is killed at its limit, and the reason says memory", async () => {
      const { stdout, exit } = await confined.node(bomb, { limits: memory });
      expect(exit).toEqual({ code: null, signal: "SIGKILL", reason: "memory_killed" });
      expect(kinds()).toContain("memory_killed");
      expect(stdout.split("\n").length).toBeLessThan(128 / 8);
      await expectHostAnswers();
    });

    it.runIf(!isGrouped)("without control groups is refused more by the kernel", async () => {
      const { stdout, stderr, exit } = await confined.node(bomb, { limits: memory });
      expect(exit.code).not.toBe(0);
      expect(stderr).toMatch(/allocation.failed|out of memory/iu);
      // V8's reserve, which the limit of a process counts, is on top.
      expect(stdout.split("\n").length).toBeLessThan((128 + 512) / 8);
      await expectHostAnswers();
    });
  });

  it("by a fork bomb stays under its limit, is told of, and the host answers beside it", async () => {
    const mark = `mark-${randomUUID()}`;
    const pids = 24;
    await confined.addCode(
      "bomb.py",
      `
import os, time
print("up", flush=True)
while True:
    try: os.fork()
    except OSError: time.sleep(0.01)
`,
    );
    const bomb = await confined.start({
      command: ["python3", "/plugin/bomb.py", mark],
      limits: { ...limits, pids },
    });
    await once(bomb.stdout, "data");
    await vi.waitFor(() => expect(liveWith(mark).length).toBeGreaterThan(pids / 2));
    await expectHostAnswers();
    // The launcher and its first process hold no place of the plugin's.
    expect(liveWith(mark).length).toBeLessThanOrEqual(pids + 2);
    await bomb.close();
    expect(liveWith(mark)).toEqual([]);
    expect(kinds().includes("processes")).toBe(isGrouped);
    await expectHostAnswers();
  });

  describe("by filling the disk", () => {
    it("is refused at the size of each folder of memory", async () => {
      const { stdout, exit } = await confined.node(
        `
import { closeSync, openSync, statfsSync, writeSync } from "node:fs";
for (const folder of ["/tmp", "/dev/shm", "/home/plugin"]) {
  let wrote = 0, fault = "";
  for (let file = 0; fault === ""; file += 1) {
    try {
      const opened = openSync(folder + "/" + file, "w");
      for (let part = 0; part < 8; part += 1) wrote += writeSync(opened, Buffer.alloc(65_536, 1));
      closeSync(opened);
    } catch (error) { fault = error.code; }
  }
  console.log(folder, fault, wrote <= ${limits.tmpBytes});
}`,
      );
      expect(stdout).toBe("/tmp ENOSPC true\n/dev/shm ENOSPC true\n/home/plugin ENOSPC true\n");
      expect(exit.reason).toBe("exited");
      await expectHostAnswers();
    });

    it("is killed at the size of a file in its data folder, and the reason says so", async () => {
      const { exit } = await confined.shell("exec cat /dev/zero > /data/plugins/self/fill", {
        grants: ["exec.*"],
      });
      expect(exit).toEqual({ code: null, signal: "SIGXFSZ", reason: "file_size" });
      expect(kinds()).toContain("file_size");
      await expectHostAnswers();
    });
  });

  it("58 writes a file over the limit", async () => {
    const { exit } = await confined.node(
      "process.on('SIGXFSZ', () => {}); import('node:fs').then((fs) => { try { fs.writeFileSync('/data/plugins/self/big', Buffer.alloc(2_000_000)); } catch (e) { process.exit(e.code === 'EFBIG' ? 9 : 1); } })",
      {
        limits: { ...limits, fileBytes: 1_000_000 },
      },
    );
    expect(exit.code).toBe(9);
    const killed = await confined.shell(
      "exec dd if=/dev/zero of=/data/plugins/self/big bs=2000000 count=2",
      { grants: ["exec.*"] },
    );
    expect(killed.exit).toEqual({ code: null, signal: "SIGXFSZ", reason: "file_size" });
    expect(confined.violations.filter(({ kind }) => kind === "file_size")).toHaveLength(1);
    await rm(`${confined.data}/big`);
  });

  it.each([
    ["stdout", 1],
    ["stderr", 2],
  ] as const)(
    "by a flood of %s that nobody reads is held back, and flows on once somebody does",
    async (stream, fd) => {
      await confined.addCode(
        "flood.mjs",
        `
import { appendFileSync, writeSync } from "node:fs";
const chunk = Buffer.alloc(65_536, "x");
for (let wrote = 0; wrote < ${256 * MEBIBYTE}; ) {
  wrote += writeSync(${fd}, chunk);
  appendFileSync("/data/plugins/self/wrote", "x");
}`,
      );
      const flood = await confined.start({ command: ["node", "/plugin/flood.mjs"] });
      const wrote = async (): Promise<number> =>
        65_536 *
        (await stat(`${confined.data}/wrote`).then(
          ({ size }) => size,
          () => 0,
        ));
      await vi.waitFor(async () => expect(await wrote()).toBeGreaterThan(0));
      // Time enough for hundreds of times as much.
      await expectHostAnswers();
      const held = await wrote();
      expect(held).toBeLessThan(2 * MEBIBYTE);
      flood[stream].resume();
      await vi.waitFor(async () => expect(await wrote()).toBeGreaterThan(8 * MEBIBYTE));
      await flood.close();
      expect((await flood.exited).reason).toBe("closed");
      await rm(`${confined.data}/wrote`);
    },
  );

  it("by a flood of descriptors stops at its limit, and the host opens what it needs beside it", async () => {
    await confined.addCode(
      "open.mjs",
      `
import { openSync } from "node:fs";
let opened = 0;
try { for (;; opened += 1) openSync("/dev/null", "r"); }
catch (error) { console.log(error.code, opened); }
setInterval(() => {}, 1_000);`,
    );
    const flood = await confined.start({
      command: ["node", "/plugin/open.mjs"],
      limits: { ...limits, openFiles: 64 },
    });
    const [said] = await once(flood.stdout, "data");
    const [code, opened] = String(said).trim().split(" ");
    expect(code).toBe("EMFILE");
    expect(Number(opened)).toBeLessThan(64 + coveredSlots(leakedDescriptors()));
    await expectHostAnswers();
    await flood.close();
  });
});
