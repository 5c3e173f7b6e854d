import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { extractBundle, inspectBundle, packBundle } from "@sigilrt/bundle";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rawBundle } from "./testing/raw-zip.ts";
import { files, plugin, temporaryFolder } from "./testing/workbench.ts";

let folder: ReturnType<typeof temporaryFolder>;
let target: string;
const packed = packBundle(plugin);
const hostile = rawBundle([{ name: "../x", content: "evil" }]);
const mode = (path: string): string => (lstatSync(path).mode & 0o7777).toString(8);

beforeEach(() => {
  folder = temporaryFolder();
  target = join(folder.path, "tree");
});
afterEach(() => {
  folder[Symbol.dispose]();
});

describe("extractBundle", () => {
  it.each(["store", "deflate"] as const)(
    "writes the tree of a bundle by %s",
    async (compression) => {
      const outcome = await extractBundle(packBundle(plugin, { compression }), target);
      const verdict = inspectBundle(packed);
      expect(outcome).toEqual({
        ok: true,
        path: target,
        digest: verdict.ok ? verdict.digest : "",
        fileList: readFileSync(join(target, "manifest.txt"), "utf8"),
      });
      for (const { path, content } of plugin) {
        expect(new Uint8Array(readFileSync(join(target, path)))).toEqual(content);
      }
      const names = readdirSync(target, { recursive: true, encoding: "utf8" });
      expect(new Set(names)).toEqual(
        new Set(["manifest.txt", "plugin.yaml", "src", "src/index.js"]),
      );
      expect(readdirSync(folder.path)).toEqual(["tree"]);
      expect(
        [target, "src", "src/index.js"].map((name) =>
          mode(join(target, name === target ? "." : name)),
        ),
      ).toEqual(["700", "755", "644"]);
    },
  );

  it("gives a refused bundle its verdict before it looks at the target", async () => {
    const nowhere = join(folder.path, "absent", "tree");
    expect(await extractBundle(hostile, nowhere)).toMatchObject({
      ok: false,
      rejection: { kind: "path_unsafe", reason: "traversal" },
    });
    expect(await extractBundle(packed, target, { required: ["LICENSE"] })).toMatchObject({
      ok: false,
      rejection: { kind: "required_file_missing" },
    });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it.each([
    ["a folder", () => mkdirSync(target)],
    ["a file", () => writeFileSync(target, "kept")],
    ["a link to nowhere", () => symlinkSync(join(folder.path, "absent"), target)],
  ])("does not write over %s", async (_what, stand) => {
    stand();
    await expect(extractBundle(packed, target)).rejects.toThrow(
      expect.objectContaining({ code: "TARGET_EXISTS" }),
    );
    expect(readdirSync(folder.path)).toEqual(["tree"]);
    expect(existsSync(join(folder.path, "absent"))).toBe(false);
  });

  it("does not replace an empty folder that takes the name meanwhile", async () => {
    const extracting = extractBundle(packed, target);
    // oxlint-disable-next-line no-await-in-loop -- until the tree is being written
    while (readdirSync(folder.path).length === 0) await setImmediate();
    mkdirSync(target);
    await expect(extracting).rejects.toThrow(expect.objectContaining({ code: "TARGET_EXISTS" }));
    expect(readdirSync(folder.path)).toEqual(["tree"]);
    expect(readdirSync(target)).toEqual([]);
  });

  it.each([
    ["a link", "real", /"parent" is a link/u],
    ["a file", undefined, /"parent" is no folder/u],
  ])("does not write below %s", async (_what, real, message) => {
    const parent = join(folder.path, "parent");
    mkdirSync(join(folder.path, "real"));
    if (real === undefined) writeFileSync(parent, "");
    else symlinkSync(join(folder.path, real), parent);
    const extracting = extractBundle(packed, join(parent, "tree"));
    await expect(extracting).rejects.toThrow(expect.objectContaining({ code: "IO" }));
    await expect(extracting).rejects.toThrow(message);
    expect(readdirSync(join(folder.path, "real"))).toEqual([]);
  });

  it("makes no parents", async () => {
    await expect(extractBundle(packed, join(target, "tree"))).rejects.toThrow(
      expect.objectContaining({ code: "IO", message: expect.stringMatching(/ENOENT$/u) }),
    );
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it("leaves nothing of a tree whose bytes changed while it was written", async () => {
    const bytes = packBundle(plugin);
    const extracting = extractBundle(bytes, target);
    bytes.set(Buffer.from("export 0;"), Buffer.from(bytes).indexOf("export {};"));
    expect(await extracting).toEqual({
      ok: false,
      rejection: { kind: "extraction_mismatch", path: "src/index.js", change: "changed" },
    });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it("stops when its signal aborts, and leaves nothing", async () => {
    await expect(extractBundle(packed, target, { signal: AbortSignal.abort() })).rejects.toThrow(
      /abort/iu,
    );
    const many = files(Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`f${at}`, ""])));
    const controller = new AbortController();
    const extracting = extractBundle(packBundle(many), target, { signal: controller.signal });
    // oxlint-disable-next-line no-await-in-loop -- until the tree is being written
    while (readdirSync(folder.path).length === 0) await setImmediate();
    controller.abort(new Error("enough"));
    await expect(extracting).rejects.toThrow("enough");
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it("lets one of two extractions to one target win", async () => {
    const outcomes = await Promise.allSettled([1, 2].map(() => extractBundle(packed, target)));
    const codes = outcomes.map((outcome) =>
      outcome.status === "fulfilled" ? outcome.value.ok : (outcome.reason as { code: string }).code,
    );
    expect(codes.map(String).toSorted()).toEqual(["TARGET_EXISTS", "true"]);
    expect(readdirSync(folder.path)).toEqual(["tree"]);
  });
});
