import { execFileSync } from "node:child_process";
import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { describeWith } from "@sigilrt/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { probeProgram } from "./probe-program.ts";
import { createSandbox, diagnoseSandbox } from "./sandbox.ts";
import { SandboxError } from "./sandbox-error.ts";
import { compileSeccomp } from "./seccomp-compile.ts";
import { type SeccompAnswer, type SeccompRule } from "./seccomp-rules.ts";
import { compileFor } from "./seccomp-running.ts";
import { type Confined, openConfined } from "./testing/confined.ts";

const { arch } = compileFor(process.arch);

/** A filter with these answers to the two calls that the probe makes. */
const filter = (ptrace?: SeccompAnswer, clone3?: SeccompAnswer): Uint8Array => {
  const rule = (name: string, answer: SeccompAnswer | undefined): readonly SeccompRule[] =>
    answer === undefined ? [] : [{ names: [name], answer }];
  return compileSeccomp({ arch, rules: [...rule("ptrace", ptrace), ...rule("clone3", clone3)] })
    .bytes;
};

describeWith(["bwrap", "prlimit"], "the probe of the filter", () => {
  let folder: string;
  let confined: Confined;
  beforeAll(async () => {
    folder = await mkdtemp(`${await realpath(tmpdir())}/launcher-`);
    execFileSync("chmod", ["711", folder]);
    confined = await openConfined();
  });
  afterAll(async () => {
    await confined[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  /** A bwrap that is honest but for its filter: none, or this one. */
  const launcher = async (name: string, bytes?: Uint8Array): Promise<string> => {
    const path = `${folder}/${name}`;
    await writeFile(`${path}.bpf`, bytes ?? "");
    const other = bytes === undefined ? "" : `set -- "$@" --seccomp 99; exec 99< ${path}.bpf`;
    await writeFile(
      path,
      `#!/bin/bash
n=$#
while [ $n -gt 0 ]; do
  case $1 in
    --seccomp) shift 2; n=$((n-2)); ${other} ;;
    *) set -- "$@" "$1"; shift; n=$((n-1)) ;;
  esac
done
exec /usr/bin/env -i /usr/bin/bwrap "$@"
`,
      { mode: 0o755 },
    );
    return path;
  };

  it("passes with the launcher of the system, and names the filter", async () => {
    const row = confined.sandbox.report.probes.find(({ name }) => name === "seccomp");
    expect(row).toMatchObject({ status: "passed" });
    expect(row?.detail).toContain(compileFor(process.arch).digest.slice(0, 12));
    // The launcher of these tests is no fault by itself.
    const bwrap = await launcher("honest", filter("EPERM", "ENOSYS"));
    expect((await diagnoseSandbox({ ...confined.options, bwrap })).usable).toBe(true);
  });

  it.each([
    ["no filter at all", undefined],
    ["a filter that lets everything run", filter()],
    ["a filter without the EPERM", filter(undefined, "ENOSYS")],
    ["a filter without the ENOSYS", filter("EPERM")],
    ["a filter with EPERM where programs need ENOSYS", filter("EPERM", "EPERM")],
    ["a filter that is cut off", filter("EPERM", "ENOSYS").subarray(0, 80)],
    ["a filter that is empty", new Uint8Array()],
  ])("refuses a launcher that puts %s in force", async (name, bytes) => {
    const options = {
      ...confined.options,
      bwrap: await launcher(name.replaceAll(" ", "-"), bytes),
    };
    const error = await createSandbox(options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SandboxError);
    expect(error).toMatchObject({
      code: "SECCOMP_UNAVAILABLE",
      failed: ["seccomp"],
      remedy: expect.any(String) as string,
    });
    expect((await diagnoseSandbox(options)).usable).toBe(false);
  });

  it("is not reached on an architecture without a table: nothing starts there", async () => {
    const running = Object.getOwnPropertyDescriptor(process, "arch") ?? {};
    Object.defineProperty(process, "arch", { ...running, value: "riscv64" });
    try {
      await expect(createSandbox(confined.options)).rejects.toMatchObject({
        code: "UNSUPPORTED_ARCH",
        failed: ["seccomp"],
        remedy: expect.any(String) as string,
      });
    } finally {
      Object.defineProperty(process, "arch", running);
    }
  });

  it("asks with programs that tell the truth where there is no filter", async () => {
    const path = `${folder}/ask`;
    const ask = async (call: string): Promise<number> => {
      await writeFile(path, probeProgram(arch, call), { mode: 0o755 });
      try {
        execFileSync(path);
        return 0;
      } catch (error) {
        return Number(Object(error).status);
      }
    };
    expect(await ask("ptrace")).toBe(0);
    expect(await ask("clone3")).toBe(22);
    expect(await ask("pidfd_open")).toBe(22);
    expect(await ask("close")).toBe(0);
  });
});
