import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestTree } from "@sigilrt/integrity";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

describe("digestTree, beside other programs", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "integrity-"));
    writeFileSync(join(root, "a.txt"), "one\n");
    writeFileSync(join(root, "😀.md"), "two\n");
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  it("writes a file list that sha256sum checks and whose own sum is the digest", async () => {
    const outcome = await digestTree(root);
    const { fileList, digest } = outcome.ok ? outcome : { fileList: "", digest: "" };
    writeFileSync(join(root, "manifest.txt"), fileList);
    const sum = (...args: readonly string[]): string =>
      execFileSync("sha256sum", args, { cwd: root, encoding: "utf8" });
    expect(sum("-c", "manifest.txt")).toBe("a.txt: OK\n😀.md: OK\n");
    expect(`tree1-sha256:${sum("manifest.txt").slice(0, 64)}`).toBe(digest);
    expect(await digestTree(root)).toEqual(outcome);
  });

  it("refuses a pipe and does not wait for it", async () => {
    execFileSync("mkfifo", [join(root, "pipe")]);
    expect(await digestTree(root)).toEqual({
      ok: false,
      rejection: { kind: "special_file", path: "pipe", type: "pipe" },
    });
  });
});
