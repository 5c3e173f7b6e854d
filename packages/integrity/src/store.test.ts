import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  digestTree,
  openPluginStore,
  openTemporaryPluginStore,
  type StoredTree,
} from "@sigilrt/integrity";
import { removeFolder } from "@sigilrt/testing/remove-folder";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let folder: string;
let source: string;
let dir: string;

const admit = async (): Promise<StoredTree> => {
  const store = await openPluginStore(dir);
  const outcome = await store.admit(source);
  expect(outcome.ok).toBe(true);
  return outcome as StoredTree;
};
const drafts = (): readonly string[] => readdirSync(join(dir, "tree1-sha256"));
const mode = (path: string): string => (statSync(path).mode & 0o7777).toString(8);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "store-"));
  source = join(folder, "source");
  dir = join(folder, "store");
  mkdirSync(join(source, "bin"), { recursive: true });
  writeFileSync(join(source, "plugin.yaml"), "name: demo\n");
  writeFileSync(join(source, "bin/run"), "#!/bin/sh\n", { mode: 0o755 });
});
afterEach(() => {
  removeFolder(folder);
});

describe("a plugin store", () => {
  it("keeps a tree under its digest, read-only", async () => {
    const stored = await admit();
    expect(await digestTree(source)).toMatchObject({ digest: stored.digest });
    expect(stored.path).toBe(join(dir, stored.digest.replace(":", "/")));
    expect(readFileSync(join(stored.path, "plugin.yaml"), "utf8")).toBe("name: demo\n");
    expect(mode(join(stored.path, "bin/run"))).toBe("444");
    expect(mode(join(stored.path, "bin"))).toBe("555");
    expect(mode(stored.path)).toBe("555");
    expect(mode(dir)).toBe("711");
  });

  it("opens what it holds and finds nothing else", async () => {
    const { digest, path, fileList } = await admit();
    const store = await openPluginStore(dir);
    expect(await store.open(digest)).toEqual({ ok: true, digest, path, fileList });
    writeFileSync(join(source, "plugin.yaml"), "name: other\n");
    const absent = await digestTree(source);
    const asked = absent.ok ? absent.digest : digest;
    expect(await store.open(asked)).toEqual({ ok: false, reason: "absent", expected: asked });
  });

  it("marks programs as executable and changes no digest by it", async () => {
    const { digest, path } = await admit();
    const store = await openPluginStore(dir);
    await store.makeExecutable(digest, ["bin/run"]);
    expect(mode(join(path, "bin/run"))).toBe("555");
    expect(await store.open(digest)).toMatchObject({ ok: true, digest });
    await expect(store.makeExecutable(digest, ["bin/absent"])).rejects.toThrow(
      expect.objectContaining({ code: "IO" }),
    );
    await expect(store.makeExecutable(digest, ["../../outside"])).rejects.toThrow(
      expect.objectContaining({ code: "UNSAFE_PATH" }),
    );
  });

  it("lets two admissions of one tree meet in one folder", async () => {
    const store = await openPluginStore(dir);
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => store.admit(source)));
    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
    expect(drafts()).toHaveLength(1);
  });

  it("leaves nothing of a tree it refuses", async () => {
    symlinkSync("/etc/passwd", join(source, "link"));
    const store = await openPluginStore(dir);
    expect(await store.admit(source)).toMatchObject({
      ok: false,
      rejection: { kind: "symlink_escape" },
    });
    expect(drafts()).toEqual([]);
  });

  it("leaves nothing of a tree it could not read to the end", async () => {
    const store = await openPluginStore(dir);
    await expect(store.admit(join(folder, "absent"))).rejects.toThrow(
      expect.objectContaining({ code: "IO" }),
    );
    expect(drafts()).toEqual([]);
  });

  it("removes what a crashed admission left, and nothing else", async () => {
    const { digest, path } = await admit();
    const draft = join(dir, "tree1-sha256/.0-crashed");
    mkdirSync(join(draft, "bin"), { recursive: true });
    writeFileSync(join(draft, "bin/run"), "half");
    chmodSync(join(draft, "bin"), 0o555);
    const store = await openPluginStore(dir);
    expect(existsSync(draft)).toBe(false);
    expect(await store.open(digest)).toMatchObject({ ok: true, path });
  });

  it("does not open a tree whose bytes were changed, and repairs nothing in silence", async () => {
    const { digest, path } = await admit();
    const store = await openPluginStore(dir);
    chmodSync(join(path, "plugin.yaml"), 0o644);
    writeFileSync(join(path, "plugin.yaml"), "name: evil\n");
    const opened = await store.open(digest);
    expect(opened).toMatchObject({ ok: false, reason: "damaged", expected: digest });
    await expect(store.admit(source)).rejects.toThrow(
      expect.objectContaining({ code: "STORE_CORRUPT" }),
    );
    expect(readFileSync(join(path, "plugin.yaml"), "utf8")).toBe("name: evil\n");
  });

  it("does not open a tree that gained a link", async () => {
    const { digest, path } = await admit();
    chmodSync(path, 0o755);
    symlinkSync("/etc/passwd", join(path, "link"));
    const store = await openPluginStore(dir);
    expect(await store.open(digest)).toEqual({ ok: false, reason: "damaged", expected: digest });
  });

  it("stops between files when its signal aborts, and leaves nothing", async () => {
    const store = await openPluginStore(dir);
    await expect(store.admit(source, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/iu);
    expect(drafts()).toEqual([]);
  });

  it("leaves nothing of a temporary store once it is disposed of", async () => {
    const store = await openTemporaryPluginStore();
    const stored = await store.admit(source);
    const path = stored.ok ? stored.path : "";
    expect(existsSync(join(path, "plugin.yaml"))).toBe(true);
    await store[Symbol.asyncDispose]();
    expect(existsSync(join(path, "../.."))).toBe(false);
  });
});
