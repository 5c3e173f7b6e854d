import { execFileSync } from "node:child_process";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "./testing/workbench.ts";

const source = JSON.stringify(new URL("index.ts", import.meta.url).href);
const writer = JSON.stringify(new URL("testing/raw-zip.ts", import.meta.url).href);
const MEBIBYTE = 1_048_576;
let folder: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  folder[Symbol.dispose]();
});

/** Makes an archive in one process, inspects it in another, and answers its size and what that took besides. */
function inspected(archive: string): {
  readonly kind: string;
  readonly bytes: number;
  readonly taken: number;
} {
  const path = join(folder.path, "a.zip");
  run(`
import { writeFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";
import { packBundle } from ${source};
import { listOf, rawBundle, rawZip } from ${writer};
writeFileSync(${JSON.stringify(path)}, ${archive});`);
  const output = run(
    `
import { readFileSync } from "node:fs";
import { inspectBundle } from ${source};
inspectBundle(new Uint8Array(22));
const bytes = readFileSync(${JSON.stringify(path)});
const before = process.resourceUsage().maxRSS;
const verdict = inspectBundle(bytes);
const taken = (process.resourceUsage().maxRSS - before) * 1024;
console.log(JSON.stringify({ kind: verdict.ok ? "ok" : verdict.rejection.kind, bytes: bytes.length, taken }));`,
    heapOf(statSync(path).size),
  );
  return JSON.parse(output) as ReturnType<typeof inspected>;
}

/** A heap as large as the archive: what needs more ends the process, and what could be collected is. */
const heapOf = (bytes: number): readonly string[] => [
  `--max-old-space-size=${Math.max(16, Math.ceil(bytes / MEBIBYTE))}`,
  "--max-semi-space-size=4",
];

function run(program: string, heap: readonly string[] = []): string {
  const script = join(folder.path, "run.ts");
  writeFileSync(script, program);
  const flags = ["--conditions=@sigilrt/source", ...heap];
  return execFileSync(process.execPath, [...flags, script], { encoding: "utf8" });
}

// Twice its size: the archive, and as much again. What the runtime itself takes while it works comes on top.
const RUNTIME = 48 * MEBIBYTE;

describe("memory of the gate", () => {
  it.each([
    [
      "a stored bundle",
      "ok",
      `packBundle([0, 1, 2].map((at) => ({ path: "f" + at, content: Buffer.alloc(${64 * MEBIBYTE}, at) })))`,
    ],
    [
      "many files",
      "ok",
      `packBundle(Array.from({ length: 19_000 }, (_, at) => ({ path: "d" + (at % 100) + "/f" + at, content: Buffer.alloc(5000) })))`,
    ],
    [
      "folders inside folders under 19,000 names",
      "ok",
      `packBundle(Array.from({ length: 19_000 }, (_, at) => ({ path: Array.from({ length: 32 }, () => String(at).padStart(30, "f")).join("/"), content: Buffer.alloc(1) })))`,
    ],
    [
      "a file list of 300,000 lines",
      "listed_file_missing",
      `rawZip([{ name: "manifest.txt", content: Array.from({ length: 300_000 }, (_, at) => "0".repeat(64) + "  " + String(at).padStart(6, "0") + "\\n").join("") }])`,
    ],
  ])("takes at most as much again as the archive: %s", (_what, kind, archive) => {
    const { taken, bytes, ...seen } = inspected(archive);
    expect(seen).toEqual({ kind });
    expect(taken).toBeLessThan(bytes + RUNTIME);
  });

  it("takes for a deflated bundle what its content takes, and that once", () => {
    const archive = `packBundle([{ path: "a", content: Buffer.alloc(${64 * MEBIBYTE}, "0123456789".repeat(7) + "x".repeat(3000)) }], { compression: "deflate" })`;
    const { taken, kind } = inspected(archive);
    expect(kind).toBe("ok");
    expect(taken).toBeLessThan(64 * MEBIBYTE + RUNTIME);
  });

  it("takes for a lying header no more than it declares", () => {
    const archive = `rawBundle([{ name: "a", content: "x".repeat(20_000), data: deflateRawSync(Buffer.alloc(${20 * MEBIBYTE})) }])`;
    const { taken, kind } = inspected(archive);
    expect(kind).toBe("size_mismatch");
    expect(taken).toBeLessThan(RUNTIME);
  });

  it("packs nothing that is larger than an archive may be", () => {
    const output = run(`
import { packBundle } from ${source};
const content = new Uint8Array(${64 * MEBIBYTE});
try { packBundle(["a", "b", "c", "d"].map((path) => ({ path, content }))); } catch (error) { console.log(error.message); }`);
    expect(output).toMatch(/^Cannot pack bundle: 2684\d+ bytes of archive, more than 268435456$/mu);
  });
});
