import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { digestFiles, digestTree, parseLockfile } from "@sigilrt/integrity";
import lockfiles from "@sigilrt/integrity/vectors/lockfile.json" with { type: "json" };
import trees from "@sigilrt/integrity/vectors/tree-digest.json" with { type: "json" };
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const bytes = (base64: string): Buffer => Buffer.from(base64, "base64");

describe("tree1-sha256", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "integrity-"));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  it.each(trees.accepted)("$id: $note", async ({ files, digest, fileListBase64 }) => {
    for (const { path, base64 } of files) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), bytes(base64));
    }
    const expected = { ok: true, digest, fileList: bytes(fileListBase64).toString() };
    expect(await digestTree(root)).toMatchObject(expected);
    const inMemory = files.map(({ path, base64 }) => ({ path, content: bytes(base64) }));
    expect(digestFiles(inMemory)).toMatchObject(expected);
    expect(digestFiles(inMemory.toReversed())).toMatchObject(expected);
  });

  it.each(trees.rejected)("refuses $paths as $kind", ({ paths, ...expected }) => {
    const files = paths.map((path) => ({ path, content: new Uint8Array() }));
    expect(digestFiles(files)).toMatchObject({ ok: false, rejection: expected });
  });
});

describe("plugins.lock", () => {
  it.each(lockfiles.cases)("$name", ({ base64, expected: { ok, ...rest } }) => {
    const outcome = parseLockfile(bytes(base64));
    const seen = outcome.ok
      ? { version: outcome.lock.version, plugins: Object.keys(outcome.lock.plugins).length }
      : outcome.rejection;
    expect(outcome.ok).toBe(ok);
    expect(seen).toMatchObject(rest);
  });
});
