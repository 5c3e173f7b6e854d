import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { removeTree } from "./remove-tree.ts";

describe("removing what a plugin left", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(`${tmpdir()}/remove-`);
    mkdirSync(`${root}/outside`);
    writeFileSync(`${root}/outside/kept`, "kept");
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("follows no link", async () => {
    mkdirSync(`${root}/left/a`, { recursive: true });
    symlinkSync(`${root}/outside`, `${root}/left/link`);
    symlinkSync(`${root}/outside/kept`, `${root}/left/a/link`);
    await removeTree(`${root}/left`);
    expect(existsSync(`${root}/left`)).toBe(false);
    expect(readFileSync(`${root}/outside/kept`, "utf8")).toBe("kept");
  });

  it("opens folders that were closed", async () => {
    mkdirSync(`${root}/left/a/b`, { recursive: true });
    writeFileSync(`${root}/left/a/b/c`, "");
    chmodSync(`${root}/left/a/b`, 0);
    chmodSync(`${root}/left/a`, 0);
    await removeTree(`${root}/left`);
    expect(existsSync(`${root}/left`)).toBe(false);
  });

  it("gets to the end of a tree whose paths are longer than any path may be", async () => {
    // Built from the inside out, since the whole path could not be named either.
    mkdirSync(`${root}/left`);
    const name = "d".repeat(200);
    mkdirSync(`${root}/chain`);
    for (let level = 0; level < 60; level += 1) {
      mkdirSync(`${root}/outer`);
      renameSync(`${root}/chain`, `${root}/outer/${name}`);
      renameSync(`${root}/outer`, `${root}/chain`);
    }
    renameSync(`${root}/chain`, `${root}/left/${name}`);
    await removeTree(`${root}/left`);
    expect(existsSync(`${root}/left`)).toBe(false);
  });
});
