import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestFiles, digestTree, IntegrityError } from "@sigilrt/integrity";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readTree } from "./read-tree.ts";
import { createTreeIndex } from "./tree-index.ts";

const content = (text: string): Uint8Array => new TextEncoder().encode(text);
let root: string;

const rejectionOf = async (folder = root): Promise<unknown> => {
  const outcome = await digestTree(folder);
  return outcome.ok ? undefined : outcome.rejection;
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "integrity-"));
  writeFileSync(join(root, "plugin.yaml"), "name: demo\n");
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

describe("digestTree", () => {
  it("tells LF from CRLF", async () => {
    const unix = await digestTree(root);
    writeFileSync(join(root, "plugin.yaml"), "name: demo\r\n");
    expect(await digestTree(root)).not.toEqual(unix);
  });

  it("changes the digest for any file, caches included", async () => {
    const before = await digestTree(root);
    mkdirSync(join(root, "__pycache__"));
    writeFileSync(join(root, "__pycache__/m.cpython-311.pyc"), "forged");
    const after = await digestTree(root);
    expect(after).toMatchObject({ ok: true, files: 2 });
    expect(after).not.toEqual(before);
  });

  it("does not count an empty folder", async () => {
    const before = await digestTree(root);
    mkdirSync(join(root, "empty"));
    expect(await digestTree(root)).toEqual(before);
  });

  it.each([
    ["out", "/etc/passwd"],
    ["in", "plugin.yaml"],
    ["dangling", "nowhere"],
    ["looping", "link"],
  ])("refuses every link, inward too: one that points %s", async (_kind, target) => {
    symlinkSync(target, join(root, "link"));
    expect(await rejectionOf()).toEqual({ kind: "symlink_escape", path: "link", target });
  });

  it("refuses a root that is a link", async () => {
    const link = `${root}-link`;
    symlinkSync(root, link);
    expect(await rejectionOf(link)).toEqual({ kind: "symlink_escape", path: ".", target: root });
    rmSync(link);
  });

  it("refuses a file that has another name", async () => {
    linkSync(join(root, "plugin.yaml"), join(root, "second.yaml"));
    expect(await rejectionOf()).toEqual({ kind: "hard_link", path: "plugin.yaml", nlink: 2 });
  });

  it.each([
    ["set-user-id", 0o4755, "4755"],
    ["set-group-id", 0o2755, "2755"],
    ["world-writable", 0o666, "0666"],
  ])("refuses a %s file", async (_kind, mode, shown) => {
    chmodSync(join(root, "plugin.yaml"), mode);
    expect(await rejectionOf()).toEqual({ kind: "unsafe_mode", path: "plugin.yaml", mode: shown });
  });

  it("refuses a folder that anybody may write to", async () => {
    mkdirSync(join(root, "open"));
    chmodSync(join(root, "open"), 0o777);
    expect(await rejectionOf()).toEqual({ kind: "unsafe_mode", path: "open", mode: "0777" });
    chmodSync(root, 0o777);
    expect(await rejectionOf()).toEqual({ kind: "unsafe_mode", path: ".", mode: "0777" });
  });

  it("refuses a name that is not UTF-8", async () => {
    writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.of(0x61, 0xff)]), "");
    expect(await rejectionOf()).toEqual({
      kind: "path_unsafe",
      pathHex: "61ff",
      reason: "not-utf8",
    });
  });

  it.each([
    ["a\nb", "control-character"],
    ["e\u0301", "not-nfc"],
    ["con.txt", "windows-reserved"],
  ])("refuses the name %j", async (name, reason) => {
    writeFileSync(join(root, name), "");
    expect(await rejectionOf()).toEqual({ kind: "path_unsafe", path: name, reason });
  });

  it("refuses names that some file system takes for one", async () => {
    writeFileSync(join(root, "Index.js"), "");
    writeFileSync(join(root, "index.js"), "");
    expect(await rejectionOf()).toEqual({
      kind: "path_collision",
      path: "index.js",
      other: "Index.js",
    });
  });

  it("refuses a manifest.txt that is not the file list, and a folder of that name", async () => {
    writeFileSync(join(root, "manifest.txt"), "");
    expect(await rejectionOf()).toMatchObject({ kind: "file_list_mismatch" });
    rmSync(join(root, "manifest.txt"));
    mkdirSync(join(root, "manifest.txt"));
    expect(await rejectionOf()).toMatchObject({ kind: "path_collision", other: "manifest.txt" });
  });

  it.each([
    ["files", { files: 1 }],
    ["fileBytes", { fileBytes: 10 }],
    ["treeBytes", { treeBytes: 15 }],
  ])("refuses a tree over its limit of %s", async (limit, limits) => {
    writeFileSync(join(root, "z.txt"), "0123456789");
    const outcome = await digestTree(root, { limits });
    expect(outcome).toMatchObject({ ok: false, rejection: { kind: "tree_limit", limit } });
  });

  it.each([
    ["grows", (path: string) => writeFileSync(path, "name: demo, and more\n")],
    ["shrinks", (path: string) => truncateSync(path, 3)],
    ["keeps its size", (path: string) => writeFileSync(path, "name: evil\n")],
  ])("refuses a file that %s while it is read", async (_how, change) => {
    const path = join(root, "plugin.yaml");
    const rejection = await readTree(root, {
      index: createTreeIndex(),
      signal: undefined,
      begin: () => change(path),
      chunk: () => undefined,
      end: () => undefined,
    });
    expect(rejection).toEqual({ kind: "changed_during_read", path: "plugin.yaml" });
  });

  it("cannot decide about a folder that is not there", async () => {
    await expect(digestTree(join(root, "absent"))).rejects.toThrow(
      expect.objectContaining({ name: "IntegrityError", code: "IO" }),
    );
    await expect(digestTree(join(root, "plugin.yaml"))).rejects.toThrow(IntegrityError);
  });

  it("stops when its signal aborts", async () => {
    await expect(digestTree(root, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/iu);
  });
});

describe("digestFiles", () => {
  const files = fc.uniqueArray(
    fc.record({
      path: fc.stringMatching(/^[a-z]{1,8}(?:\/[a-z]{1,8})?\.txt$/u),
      content: fc.uint8Array({ maxLength: 16 }),
    }),
    { selector: ({ path }) => path, minLength: 1, maxLength: 6 },
  );

  it("does not depend on the order of the files", () => {
    fc.assert(
      fc.property(files, (given) => {
        expect(digestFiles(given.toReversed())).toEqual(digestFiles(given));
      }),
    );
  });

  it("changes with any byte, name, addition or removal", () => {
    fc.assert(
      fc.property(files, fc.nat(), (given, choice) => {
        const chosen = choice % given.length;
        const before = digestFiles(given);
        const others = given.filter((_, index) => index !== chosen);
        const { path, content: old } = given[chosen] ?? { path: "", content: content("") };
        const grown = { path, content: Uint8Array.of(...old, 0) };
        const renamed = { path: `x-${path}`, content: old };
        expect(digestFiles([...others, grown])).not.toEqual(before);
        expect(digestFiles([...others, renamed])).not.toEqual(before);
        expect(digestFiles(others)).not.toEqual(before);
        expect(digestFiles([...given, { path: "new-file", content: old }])).not.toEqual(before);
      }),
    );
  });
});
