import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { foldKey } from "@sigilrt/canonical";
import {
  BUNDLE_REJECTION_KINDS,
  type BundleFile,
  describeRejection,
  extractBundle,
  inspectBundle,
} from "@sigilrt/bundle";
import { describeWith } from "@sigilrt/testing";
import { count } from "@sigilrt/testing/counts";
import { describe, expect, it } from "vitest";
import { nearlyBundle, seeded } from "./testing/mutate.ts";
import { temporaryFolder } from "./testing/workbench.ts";

const archives = Math.ceil(count("inputs") / 2);
const BATCH = 5_000;
const EXTRACTED_OF = 100;
const readers = fileURLToPath(new URL("testing/readers.py", import.meta.url));
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

type Tree = readonly (readonly [path: string, sha256: string])[];
const treeOf = (files: readonly BundleFile[]): Tree =>
  files.map(({ path, content }) => [path, sha256(content)]);

/** What Python's zipfile reads in every archive of a folder; the file list apart. */
function readByPython(folder: string): ReadonlyMap<string, Tree> {
  const options = { encoding: "utf8", maxBuffer: 2 ** 30 } as const;
  const lines = execFileSync("python3", [readers, folder], options).trim().split("\n");
  const seen = lines.map((line) => JSON.parse(line) as [name: string, tree: Tree]);
  return new Map(seen.map(([name, tree]) => [name, tree.slice(1)]));
}

describeWith(["unzip", "python"], "mutated archives", () => {
  it("are refused with evidence, or read alike by unzip, Python and us", async () => {
    const kinds = new Set<string>();
    let accepted = 0;
    for (let start = 0; start < archives; start += BATCH) {
      using folder = temporaryFolder();
      const kept = join(folder.path, "archives");
      const unzipped = join(folder.path, "unzipped");
      for (const path of [kept, unzipped]) mkdirSync(path);
      const trees = new Map<string, readonly BundleFile[]>();
      const words = new Set<string>();
      for (let seed = start; seed < Math.min(start + BATCH, archives); seed += 1) {
        const bytes = nearlyBundle(seeded(seed), `n${seed}`);
        const verdict = inspectBundle(bytes);
        if (verdict.ok) {
          trees.set(`${seed}.zip`, verdict.files);
          writeFileSync(join(kept, `${seed}.zip`), bytes);
        } else {
          kinds.add(verdict.rejection.kind);
          words.add(describeRejection(verdict.rejection));
        }
      }
      accepted += trees.size;
      expect([...words].filter((text) => !/^[\x20-\x7E]{20,5000}$/u.test(text))).toEqual([]);

      const python = readByPython(kept);
      const pattern = join(kept, "*.zip");
      const env = { ...process.env, LC_ALL: "C.UTF-8" };
      execFileSync("unzip", ["-qq", "-o", pattern, "-d", unzipped], { env });
      for (const [name, files] of trees) {
        expect(python.get(name)).toEqual(treeOf(files));
        for (const { path, content } of files) {
          expect(sha256(readFileSync(join(unzipped, path)))).toBe(sha256(content));
        }
      }
      const found = readdirSync(unzipped, { recursive: true, withFileTypes: true });
      const written = found.filter((entry) => entry.isFile()).length;
      expect(written).toBe(1 + [...trees.values()].flat().length);
      // oxlint-disable-next-line no-await-in-loop -- one batch after the other
      await extractSome(folder.path, kept, trees);
    }
    expect(accepted).toBeGreaterThan(archives / 20);
    expect(kinds.size).toBeGreaterThan(20);
    expect(
      [...kinds].filter((kind) => !BUNDLE_REJECTION_KINDS.some((known) => known === kind)),
    ).toEqual([]);
  });
});

async function extractSome(
  folder: string,
  kept: string,
  trees: ReadonlyMap<string, readonly BundleFile[]>,
): Promise<void> {
  const parent = join(folder, "extracted");
  mkdirSync(parent);
  const names = [...trees.keys()].filter((_, at) => at % EXTRACTED_OF === 0);
  for (const name of names) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other, so that none is hidden by another
    const outcome = await extractBundle(readFileSync(join(kept, name)), join(parent, name));
    expect(outcome.ok).toBe(true);
  }
  expect(new Set(readdirSync(parent))).toEqual(new Set(names));
  expect(readdirSync(folder)).toHaveLength(3);
  expect(existsSync(join(folder, "evil"))).toBe(false);
}

describe("fold keys", () => {
  it("never cross a slash, on which the index of paths relies", () => {
    const crossing: string[] = [];
    for (let point = 0; point < 0x110000; point += 1) {
      if (point >= 0xd800 && point < 0xe000) continue;
      const text = String.fromCodePoint(point);
      const key = foldKey(text);
      if (foldKey(`${text}/${text}`) !== `${key}/${key}`) crossing.push(text);
    }
    expect(crossing).toEqual([]);
  });
});
