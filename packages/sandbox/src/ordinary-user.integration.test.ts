import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describeWith } from "@sigilrt/testing";
import { expect, it } from "vitest";

const isRoot = process.getuid?.() === 0;
const repository = fileURLToPath(new URL("../../..", import.meta.url));
const vitest = join(repository, "node_modules/vitest/vitest.mjs");
const user = { uid: 65_534, gid: 65_534 };
const files = ["attack-", "launch", "observe", "probe-", "sandbox."].map(
  (name) => `packages/sandbox/src/${name}`,
);

/** Whether an ordinary user can read this tree and run this Node, which a home folder of root forbids. */
const isReachable = (): boolean =>
  spawnSync(process.execPath, [vitest, "--version"], { ...user, cwd: "/", stdio: "ignore" })
    .status === 0;
const needs = isRoot && !isReachable() ? " (not proven here: needs a readable clone)" : "";

interface Run {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

describeWith(["bwrap", "prlimit", "python"], `a gateway of an ordinary user${needs}`, () => {
  // As an ordinary user the other files are this proof already; as root they prove `runAs`.
  it.skipIf(!isRoot || needs !== "")("passes without runAs what root passes with it", () => {
    const folder = mkdtempSync(join(tmpdir(), "ordinary-"));
    chmodSync(folder, 0o777);
    const report = join(folder, "report.json");
    const options = ["--configLoader", "native", "--reporter", "json", "--outputFile", report];
    spawnSync(process.execPath, [vitest, "run", "--project", "integration", ...options, ...files], {
      ...user,
      cwd: repository,
      env: { PATH: process.env["PATH"], HOME: folder, CI: process.env["CI"] },
      stdio: "ignore",
    });
    const run = JSON.parse(readFileSync(report, "utf8")) as Run;
    rmSync(folder, { recursive: true });
    const results = run.testResults.flatMap(({ assertionResults }) => assertionResults);
    const failed = results.filter(({ status }) => status === "failed");
    expect(failed.map(({ fullName }) => fullName)).toEqual([]);
    expect(run.success).toBe(true);
    expect(run.numPassedTests).toBeGreaterThan(200);
  });
});
