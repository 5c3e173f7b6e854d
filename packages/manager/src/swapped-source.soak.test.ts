import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { digestTree, formatLockfile, parseLockfile, surfaceDigest } from "@sigilrt/integrity";
import { count } from "@sigilrt/testing/counts";
import { removeFolder } from "@sigilrt/testing/remove-folder";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const program = join(import.meta.dirname, "fixtures/load-swapped.ts");
const swapper = `
const { renameSync } = require("node:fs");
const [a, b, c] = process.argv.slice(1);
process.stdout.write("swapping");
const pause = new Int32Array(new SharedArrayBuffer(4));
for (;;) {
  renameSync(a, c); renameSync(b, a); renameSync(c, b);
  Atomics.wait(pause, 0, 0, Math.random() * 4);
}
`;
let folder: string;
let root: string;
let locked: string;

const run = async (way: "store" | "folder", loads: number): Promise<Record<string, number>> => {
  const places = ["plugins/demo", "swapped", "away"].map((name) => join(folder, name));
  const swapping = spawn(process.execPath, ["-e", swapper, ...places]);
  await once(swapping.stdout, "data");
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [
      "--conditions=@sigilrt/source",
      program,
      root,
      join(folder, "plugins.lock"),
      locked,
      way,
      String(loads),
    ]);
    return JSON.parse(stdout) as Record<string, number>;
  } finally {
    swapping.kill("SIGKILL");
  }
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "swap-"));
  root = join(folder, "plugins");
  for (const [dir, version] of [
    [join(root, "demo"), "locked"],
    [join(folder, "swapped"), "swapped"],
  ] as const) {
    mkdirSync(dir, { recursive: true });
    writeFileSync(
      join(dir, "plugin.yaml"),
      "name: demo\nversion: 1.0.0\ntype: tool\nexecution: { tier: process }\nentry: { command: [node, main.mjs] }\n",
    );
    writeFileSync(
      join(dir, "main.mjs"),
      `globalThis.version = "${version}";\nexport function register() {}\n`,
    );
  }
  const tree = await digestTree(join(root, "demo"));
  locked = tree.ok ? tree.digest : "";
  const surface = surfaceDigest({ capabilities: [], hooks: [], tools: [] });
  const plugins = { demo: { digest: locked, surface, version: "1.0.0" } };
  const text = `${JSON.stringify({ lockfileVersion: 1, plugins }, null, 2)}\n`;
  const lock = parseLockfile(new TextEncoder().encode(text));
  writeFileSync(join(folder, "plugins.lock"), lock.ok ? formatLockfile(lock.lock) : "");
});
afterEach(() => {
  removeFolder(folder);
});

describe("loading while a process swaps two versions of a plugin", () => {
  // C3 of the known defects.
  it("runs verified bytes while a process swaps the source", async () => {
    const ran = await run("store", count("loads"));
    expect(ran["swapped"]).toBeUndefined();
    expect(ran["nothing"]).toBeUndefined();
    expect(ran["locked"]).toBe(count("loads"));
  });

  it("would run others without store and guard", async () => {
    const ran = await run("folder", 30_000);
    expect(ran["swapped"]).toBe(1);
  });
});
