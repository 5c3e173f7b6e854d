import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describeRejection, extractBundle, inspectBundle, packBundle } from "@sigilrt/bundle";
import { describeWith } from "@sigilrt/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { files, temporaryFolder } from "./testing/workbench.ts";

const tree = files({
  "plugin.yaml": "name: demo\n",
  "src/index.js": "export {};\n".repeat(100),
  "src/empty": "",
  "zé.txt": "é",
  "～.md": "1",
  "😀.md": "2",
});
const readers = fileURLToPath(new URL("testing/readers.py", import.meta.url));
const env = { ...process.env, LC_ALL: "C.UTF-8" };
let folder: ReturnType<typeof temporaryFolder>;

const run = (program: string, args: readonly string[], cwd = folder.path): string =>
  execFileSync(program, args, { cwd, env, encoding: "utf8" });

/** Writes the tree with its file list, as someone does who packs by hand. */
function writeTreeWithList(root: string): void {
  const lines = tree
    .map(({ path, content }) => [path, createHash("sha256").update(content).digest("hex")] as const)
    .toSorted(([left], [right]) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
  const list = lines.map(([path, sha256]) => `${sha256}  ${path}\n`).join("");
  for (const { path, content } of [...tree, ...files({ "manifest.txt": list })]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  folder[Symbol.dispose]();
});

describeWith(["unzip", "python"], "a bundle in other tools", () => {
  it.each(["store", "deflate"] as const)("is read by unzip and by Python: %s", (compression) => {
    const archives = join(folder.path, "archives");
    mkdirSync(archives);
    const path = join(archives, "demo.plugin.zip");
    writeFileSync(path, packBundle(tree, { compression }));
    expect(run("unzip", ["-t", path])).toContain("No errors detected");

    const [line = ""] = run("python3", [readers, archives]).split("\n");
    const verdict = inspectBundle(readFileSync(path));
    const ours = verdict.ok ? verdict.files : [];
    const [, seen] = JSON.parse(line) as [string, readonly (readonly [string, string])[]];
    expect(seen.map(([name]) => name)).toEqual(["manifest.txt", ...ours.map((file) => file.path)]);
  });

  it("becomes by unzip the tree that sha256sum checks and that has the bundle's digest", async () => {
    const path = join(folder.path, "demo.plugin.zip");
    writeFileSync(path, packBundle(tree));
    run("unzip", ["-qq", path, "-d", "unzipped"]);
    const outcome = await extractBundle(readFileSync(path), join(folder.path, "extracted"));
    for (const name of ["unzipped", "extracted"]) {
      const root = join(folder.path, name);
      const checked = run("sha256sum", ["-c", "manifest.txt"], root).trim().split("\n");
      expect(checked).toHaveLength(tree.length);
      expect(checked.every((row) => row.endsWith(": OK"))).toBe(true);
      const [hash] = run("sha256sum", ["manifest.txt"], root).split(" ");
      expect(outcome).toMatchObject({ ok: true, digest: `tree1-sha256:${hash}` });
    }
  });
});

describeWith(["zip", "python"], "archives by other writers", () => {
  it.each([
    ["zip", ["zip", "-q", "-r", "../other.zip", "manifest.txt", "."]],
    [
      "zip without folders, extra fields and compression",
      ["zip", "-q", "-r", "-0", "-X", "-D", "../other.zip", "manifest.txt", "."],
    ],
    [
      "Python",
      ["python3", "-m", "zipfile", "-c", "../other.zip", "manifest.txt", "plugin.yaml", "src"],
    ],
  ] as const)("are refused with the command to repack: %s", (_what, [program, ...args]) => {
    const root = join(folder.path, "tree");
    writeTreeWithList(root);
    run(program, args, root);
    const verdict = inspectBundle(readFileSync(join(folder.path, "other.zip")));
    expect(verdict.ok).toBe(false);
    expect(verdict.ok ? "" : describeRejection(verdict.rejection)).toContain(
      "pack the tree again with: sigil bundle pack <folder> --out <file>",
    );
  });
});
