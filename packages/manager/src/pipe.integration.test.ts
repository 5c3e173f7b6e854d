import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { acceptUnverified } from "@sigilrt/integrity";
import { expect, it } from "vitest";
import { openWorkbench } from "./fixtures/workbench.ts";

it("skips a manifest that is a pipe and does not wait for it", async () => {
  await using bench = openWorkbench();
  const dir = join(bench.folder, "plugins/bad");
  mkdirSync(dir);
  execFileSync("mkfifo", [join(dir, "plugin.yaml")]);
  const report = await bench.manager({ verifier: acceptUnverified() }).discover();
  expect(report.skipped).toMatchObject([
    { rejection: { kind: "missing_manifest" }, message: expect.stringContaining("not a file") },
  ]);
});
