import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { type BundleFile, inspectBundle, packBundle } from "@sigilrt/bundle";
import { formatFileList, parseSafePath } from "@sigilrt/canonical";
import { fromBufferPromise } from "yauzl";
import { ZipFile } from "yazl";
import type { CallCase, OpenCalls } from "./call-ratio.ts";

const FILE_BYTES = 40_000;
const EPOCH = new Date("1980-01-01T00:00:00Z");

/** Text of which deflate makes about a quarter: one half repeats, the other is noise in hex. */
function makeFiles(count: number): readonly BundleFile[] {
  const noise = createHash("shake256", { outputLength: FILE_BYTES * 2 })
    .update("bundle")
    .digest();
  return Array.from({ length: count }, (_, at) => {
    const from = (at * 7) % FILE_BYTES;
    const part = noise.subarray(from, from + FILE_BYTES / 4).toString("hex");
    const content = Buffer.from(`${at} `.repeat(FILE_BYTES).slice(0, FILE_BYTES / 2) + part);
    return { path: `d${at % 50}/file-${at}.txt`, content };
  });
}

/** How many entries an archive says it has. */
const entriesOf = (archive: Uint8Array): number => Buffer.from(archive.slice(-22)).readUInt16LE(10);

const fileListOf = (rows: readonly (readonly [path: string, sha256: string])[]): string =>
  formatFileList(rows.map(([path, sha256]) => ({ path: parseSafePath(path), sha256 })));

const sha256 = (bytes: string | Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");

const inspected = (archive: Uint8Array): string => {
  const verdict = inspectBundle(archive);
  if (!verdict.ok) throw new Error(`Cannot measure: ${verdict.rejection.kind}`);
  return verdict.digest;
};

interface Sides {
  readonly files: readonly BundleFile[];
  /** The bundle. */
  readonly archive: Uint8Array;
  /** The tree, with its list, as a folder. */
  readonly tree: string;
  /** The bundle as a file, and a place for another. */
  readonly path: string;
  readonly other: string;
}

interface Work {
  readonly name: string;
  readonly maxRatio: number;
  readonly ours: (sides: Sides) => unknown;
  readonly peer: (sides: Sides) => unknown;
  readonly files?: number;
}

function zipped({ tree, other }: Sides): number {
  rmSync(`${other}.zip`, { force: true });
  execFileSync("zip", ["-q", "-0", "-X", "-D", "-r", `${other}.zip`, "."], { cwd: tree });
  return entriesOf(readFileSync(`${other}.zip`).subarray(-22));
}

const works: readonly Work[] = [
  {
    name: "packBundle store, in memory, against Info-ZIP `zip -0`, which reads and writes files",
    maxRatio: 0.7,
    ours: ({ files }) => entriesOf(packBundle(files)),
    peer: zipped,
  },
  {
    name: "packBundle store with reading and writing, against Info-ZIP `zip -0`",
    maxRatio: 1,
    ours({ tree, other }) {
      const names = readdirSync(tree, { recursive: true, encoding: "utf8" });
      const files = names
        .filter((name) => name.endsWith(".txt") && name !== "manifest.txt")
        .map((path) => ({ path, content: readFileSync(join(tree, path)) }));
      const archive = packBundle(files);
      writeFileSync(other, archive);
      return entriesOf(archive);
    },
    peer: zipped,
  },
  {
    name: "packBundle store, in memory, against yazl 3.3.1",
    maxRatio: 0.9,
    ours: ({ files }) => entriesOf(packBundle(files)) - 1,
    async peer({ files }) {
      const zip = new ZipFile();
      for (const { path, content } of files) {
        zip.addBuffer(content, path, { compress: false, mtime: EPOCH });
      }
      zip.end();
      return entriesOf(await buffer(zip.outputStream));
    },
  },
  {
    name: "inspectBundle store, from a file, against Info-ZIP `unzip -t`, which checks CRC-32 alone",
    maxRatio: 0.6,
    ours: ({ path }) => inspected(readFileSync(path)).length > 0,
    peer: ({ path }) => execFileSync("unzip", ["-tqq", path]).length === 0,
  },
  {
    name: "inspectBundle store, in memory, against yauzl 3.4.0 with SHA-256, which checks no CRC-32",
    maxRatio: 1.1,
    ours: ({ archive }) => inspected(archive),
    async peer({ archive }) {
      const zip = await fromBufferPromise(Buffer.from(archive.buffer));
      const rows: (readonly [string, string])[] = [];
      for await (const entry of zip.eachEntry()) {
        const hash = createHash("sha256");
        for await (const chunk of await zip.openReadStreamPromise(entry)) hash.update(chunk);
        rows.push([entry.fileName, hash.digest("hex")]);
      }
      return `tree1-sha256:${sha256(fileListOf(rows.slice(1)))}`;
    },
  },
  {
    name: "packBundle deflate, of a tenth of the files, against packBundle store",
    maxRatio: 11,
    files: 500,
    ours: ({ files }) => entriesOf(packBundle(files, { compression: "deflate" })),
    peer: ({ files }) => entriesOf(packBundle(files)),
  },
];

async function open({ ours, peer, files: count = 5_000 }: Work): Promise<OpenCalls> {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  const files = makeFiles(count);
  const archive = packBundle(files);
  const tree = join(folder, "tree");
  const list = Buffer.from(fileListOf(files.map((file) => [file.path, sha256(file.content)])));
  for (const { path, content } of [...files, { path: "manifest.txt", content: list }]) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), content);
  }
  const path = join(folder, "a.plugin.zip");
  writeFileSync(path, archive);
  const sides = { files, archive, tree, path, other: join(folder, "other") };
  return {
    ours: async () => ours(sides),
    peer: async () => peer(sides),
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true }),
  };
}

// bundle.md section 11: 5,000 files, 200 MB, warm.
export const bundleCases: readonly CallCase[] = works.map((work) => ({
  name: `bundle: ${work.name}`,
  maxRatio: work.maxRatio,
  calls: 1,
  open: () => open(work),
}));
