import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describeWith } from "@sigilrt/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type ApprovalBench, openApprovalBench } from "./testing/approval-bench.ts";
import { sigil } from "./testing/start-gateway.ts";

const script = fileURLToPath(new URL("../guard/pull-request.sh", import.meta.url));
let bench: ApprovalBench;

const git = (...argv: readonly string[]): string =>
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...argv], {
    cwd: bench.folder,
    encoding: "utf8",
  });
const commit = (): void => {
  git("add", "-A");
  git("commit", "-qm", "a change");
};
const guard = (): { readonly status: number | null; readonly stdout: string } =>
  spawnSync("sh", [script, "main"], {
    cwd: bench.folder,
    encoding: "utf8",
    env: { ...process.env, SIGIL: sigil },
  });

beforeEach(async () => {
  bench = await openApprovalBench();
  writeFileSync(join(bench.folder, ".gitignore"), "data\nsource\n");
  bench.write("1.0.0", "Counts");
  await bench.sigil("add", bench.source);
  await bench.approve();
  git("init", "-q", "-b", "main");
  commit();
  git("switch", "-qc", "change");
});
afterEach(() => bench[Symbol.dispose]());

describeWith(["bwrap", "prlimit"], "the guard for pull requests", () => {
  it("passes an approved update, and prints what it changes", async () => {
    bench.write("1.1.0", "Counts, and sends the result away");
    await bench.sigil("add", bench.source);
    await bench.approve();
    commit();
    const { status, stdout } = guard();
    expect(stdout).toContain("~ counter 1.0.0 → 1.1.0");
    expect(stdout).toContain("    ~ main.mjs\n");
    expect(stdout).toContain("        - Counts\n        + Counts, and sends the result away\n");
    expect(status).toBe(0);
    expect(git("worktree", "list").trim().split("\n")).toHaveLength(1);
  });

  it.each([
    [
      "bytes that changed without the lock",
      () => appendFileSync(join(bench.folder, "plugins/counter/main.mjs"), "// quick fix\n"),
      "integrity_mismatch",
    ],
    [
      "a digest that fits no bytes",
      () => edit("plugins.lock", /tree1-sha256:.{4}/u, "tree1-sha256:0000"),
      "integrity_mismatch",
    ],
    [
      "a pinned surface that nobody agreed to",
      () => edit("plugins.lock", /jcs-sha256:.{4}/u, "jcs-sha256:0000"),
      "surface_changed",
    ],
    ["a lock that was edited by hand", () => edit("plugins.lock", /\n$/u, "\n\n"), "not-canonical"],
  ])("fails %s", (_what, change, kind) => {
    change();
    commit();
    expect(guard()).toMatchObject({ status: 4, stdout: expect.stringContaining(kind) });
  });
});

function edit(name: string, from: RegExp, to: string): void {
  const path = join(bench.folder, name);
  writeFileSync(path, readFileSync(path, "utf8").replace(from, to));
}
