import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeWith } from "@sigilrt/testing";
import { afterEach, beforeEach, expect, it } from "vitest";

const program = join(import.meta.dirname, "fixtures/admit-once.ts");
let folder: string;
let root: string;
let dir: string;

/** Runs the program where the given file systems are mounted. */
const admit = (...mounts: readonly string[]): unknown => {
  const node = [process.execPath, "--conditions=@sigilrt/source", program, root, dir];
  const output = execFileSync("bwrap", ["--dev-bind", "/", "/", ...mounts, "--", ...node]);
  return JSON.parse(output.toString());
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mounts-"));
  root = join(folder, "plugin");
  dir = join(folder, "store");
  mkdirSync(join(root, "data"), { recursive: true });
  mkdirSync(dir);
  writeFileSync(join(root, "plugin.yaml"), "name: demo\n");
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describeWith(["bwrap"], "trees and stores on other file systems", () => {
  it("refuses a tree in which another file system begins", () => {
    const rejection = { kind: "mount_point", path: "data" };
    expect(admit("--tmpfs", join(root, "data"))).toEqual({
      digest: { ok: false, rejection },
      admitted: { ok: false, rejection },
      left: [],
    });
  });

  it("leaves nothing in a store whose disk is full", () => {
    writeFileSync(join(root, "data/large"), Buffer.alloc(2_000_000, 1));
    const store = ["--size", "1048576", "--tmpfs", dir];
    expect(admit(...store)).toMatchObject({
      digest: { ok: true },
      admitted: { ok: false, code: "IO", message: expect.stringContaining("ENOSPC") },
      left: [],
    });
    rmSync(join(root, "data/large"));
    expect(admit(...store)).toMatchObject({ admitted: { ok: true } });
  });
});
