import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { digestTree, openTemporaryPluginStore } from "@sigilrt/integrity";
import type { CallCase } from "./call-ratio.ts";

const run = promisify(execFile);
const program = fileURLToPath(new URL("fixtures/import-modules.ts", import.meta.url));

/** A tree of plain files, without a name that sorts or hashes in any special way. */
async function layOut(files: number, bytes: number): Promise<string> {
  const root = await mkdtemp(join(process.env["SIGIL_BENCH_DISK"] ?? tmpdir(), "tree-"));
  const content = Buffer.alloc(bytes, "sigil ");
  for (let file = 0; file < files; file += 1) {
    const folder = join(root, `part-${file % 50}`);
    // oxlint-disable-next-line no-await-in-loop -- laid out once, before anything is measured
    await mkdir(folder, { recursive: true });
    content.writeUInt32LE(file);
    // oxlint-disable-next-line no-await-in-loop -- as above
    await writeFile(join(folder, `file-${file}.bin`), content);
  }
  return root;
}

const pathsOf = async (root: string): Promise<readonly string[]> =>
  (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

const digested = async (root: string): Promise<boolean> => (await digestTree(root)).ok;

function overTree(
  name: string,
  maxRatio: number,
  peer: (paths: readonly string[]) => Promise<boolean>,
): CallCase {
  return {
    name,
    maxRatio,
    calls: 1,
    async open() {
      const root = await layOut(5_000, 40_000);
      const paths = await pathsOf(root);
      return {
        ours: () => digested(root),
        peer: () => peer(paths),
        [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
      };
    },
  };
}

async function readEach(paths: readonly string[]): Promise<boolean> {
  for (const path of paths) {
    // oxlint-disable-next-line no-await-in-loop -- what is compared with: one file after the other
    const content = await readFile(path);
    createHash("sha256").update(content).digest("hex");
  }
  return true;
}

const admission: CallCase = {
  name: "integrity: admit of 500 files, 20 MB, into an empty store, against digestTree",
  maxRatio: 5,
  calls: 1,
  async open() {
    const root = await layOut(500, 40_000);
    return {
      async ours() {
        await using store = await openTemporaryPluginStore();
        return (await store.admit(root)).ok;
      },
      peer: () => digested(root),
      [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
    };
  },
};

const guarded: CallCase = {
  name: "integrity: 500 modules under the guard, against a plain import, each in a process of its own",
  maxRatio: 1.2,
  calls: 1,
  async open() {
    const root = await mkdtemp(join(tmpdir(), "modules-"));
    const names = Array.from({ length: 499 }, (_, index) => `m${index}.mjs`);
    const text = `export default ${JSON.stringify("x".repeat(2_000))};\n`;
    await Promise.all(names.map((name) => writeFile(join(root, name), text)));
    const main = names.map((name) => `import "./${name}";\n`).join("");
    await writeFile(join(root, "main.mjs"), main);
    const load = (way: string) => async (): Promise<string> =>
      (await run(process.execPath, ["--conditions=@sigilrt/source", program, root, way])).stdout;
    return {
      ours: load("guarded"),
      peer: load("plain"),
      [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
    };
  },
};

// integrity.md section 12.
export const integrityCases: readonly CallCase[] = [
  overTree(
    "integrity: digestTree of 5,000 files, 200 MB, against openssl dgst -sha256",
    1.3,
    async (paths) => {
      await run("openssl", ["dgst", "-sha256", ...paths], { maxBuffer: 4_194_304 });
      return true;
    },
  ),
  overTree(
    "integrity: digestTree of 5,000 files, 200 MB, against readFile and createHash, one by one",
    1 / 3,
    readEach,
  ),
  admission,
  guarded,
];
