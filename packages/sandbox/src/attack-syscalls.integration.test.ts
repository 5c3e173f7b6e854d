import { copyFileSync, readlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describeWith } from "@sigilrt/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readLayout } from "./layout.ts";
import { runProbe } from "./probe-start.ts";
import { compileFor } from "./seccomp-running.ts";
import { type AttackCall, filterAlone, otherCalls } from "./conformance/system-calls.ts";
import { type Confined, openConfined, plugin } from "./testing/confined.ts";
import vectors from "../vectors/seccomp-syscalls.json" with { type: "json" };

const { arch } = compileFor(process.arch);
const numbers = JSON.stringify({ ...vectors.headers[arch], ...vectors.later });
const script = fileURLToPath(new URL("../vectors/attack-calls.py", import.meta.url));
const attackArguments = [numbers, readlinkSync("/proc/self/ns/mnt"), "/data/plugins/self"];

const isHere = ({ only = arch }: AttackCall): boolean => only === arch;

describeWith(["bwrap", "prlimit", "python"], "a hostile plugin, by system calls,", () => {
  let confined: Confined;
  let said: Readonly<Record<string, string>>;
  beforeAll(async () => {
    confined = await openConfined();
    copyFileSync(script, `${confined.code}/attack.py`);
    const { stdout, stderr } = await confined.run({
      command: ["python3", "/plugin/attack.py", ...attackArguments],
      grants: ["exec.*"],
    });
    if (stdout === "") throw new Error(`The attack did not end: ${stderr}`);
    said = JSON.parse(stdout) as Record<string, string>;
  });
  afterAll(() => confined[Symbol.asyncDispose]());

  it.each([...filterAlone, ...otherCalls].filter(isHere))(
    "$row $name: $answer",
    ({ name, answer }) => {
      expect(said[name]).toBe(answer);
    },
  );

  it("made every attack that is listed, and no other", () => {
    const listed = [...filterAlone, ...otherCalls].filter(isHere).map(({ name }) => name);
    expect(Object.keys(said).toSorted()).toEqual(listed.toSorted());
  });

  describe("without the filter, in the same sandbox,", () => {
    let unfiltered: Readonly<Record<string, string>>;
    beforeAll(async () => {
      unfiltered = JSON.parse(await runUnfiltered(confined)) as Record<string, string>;
    });

    it.each(filterAlone.filter(isHere))("$row $name: not $answer", ({ name, answer }) => {
      expect(unfiltered[name]).toBeDefined();
      expect(unfiltered[name]).not.toBe(answer);
    });
  });
});

async function runUnfiltered(confined: Confined): Promise<string> {
  const folder = await confined.addFolder("unfiltered");
  copyFileSync(script, `${folder}/attack.py`);
  const command = ["/usr/bin/python3", "/plugin/attack.py", ...attackArguments];
  const identity = { ...plugin, changes: process.getuid?.() !== plugin.uid };
  const layout = readLayout();
  return runProbe(
    command.map((word) => `'${word}'`).join(" "),
    { bwrap: "/usr/bin/bwrap", prlimit: "/usr/bin/prlimit", layout, identity, folder },
    {
      mounts: [
        { source: "/usr", target: "/usr", mode: "ro", kind: "directory", origin: "grant" },
        {
          source: confined.data,
          target: "/data/plugins/self",
          mode: "rw",
          kind: "directory",
          origin: "data",
        },
      ],
      masks: [],
    },
  );
}

const killed = ({ violations }: Confined) =>
  violations.filter(({ kind }) => kind === "seccomp_killed");

describeWith(["bwrap", "prlimit", "python"], "a plugin that calls by another ABI", () => {
  it.skipIf(arch !== "x86_64")("48 is killed, and the violation says so", async () => {
    await using confined = await openConfined();
    const { exit } = await confined.run({
      command: ["python3", "-c", "import ctypes; ctypes.CDLL(None).syscall(0x40000000 + 39)"],
    });
    expect(exit).toEqual({ code: null, signal: "SIGSYS", reason: "signalled" });
    expect(killed(confined)).toHaveLength(1);
  });

  it("is no violation when it ends another way", async () => {
    await using confined = await openConfined();
    await confined.shell("kill -SEGV $$");
    expect(killed(confined)).toEqual([]);
  });
});
