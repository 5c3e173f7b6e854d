import { generateKeyPairSync } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  amendLockfile,
  digestTree,
  formatLockfile,
  signPlugin,
  surfaceDigest,
} from "@sigilrt/integrity";
import { describeWith } from "@sigilrt/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Ran, runWith } from "../fixtures/run.ts";

let folder: string;
let root: string;
let file: string;
const bundle = (...argv: readonly string[]): Promise<Ran> =>
  runWith(undefined, ["bundle", ...argv]);
const pack = (...argv: readonly string[]): Promise<Ran> =>
  bundle("pack", root, "--out", file, ...argv);
const surface = surfaceDigest({ capabilities: [], hooks: [], tools: [] });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bundles-"));
  root = join(folder, "demo");
  file = join(folder, "demo.plugin.zip");
  mkdirSync(root);
  writeFileSync(
    join(root, "plugin.yaml"),
    "name: demo\nversion: 1.0.0\ntype: tool\nexecution: { tier: process }\nentry: { command: [node, main.mjs] }\nself_test: { imports: [main.mjs], command: [node, test.mjs] }\n",
  );
  writeFileSync(join(root, "main.mjs"), "export default 1;\n");
  writeFileSync(join(root, "test.mjs"), "console.log('two\\nlines'); console.error('seen');\n");
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("sigil bundle", () => {
  it("packs a folder, inspects the file and extracts the same tree, with nothing else around", async () => {
    const tree = await digestTree(root);
    const digest = tree.ok ? tree.digest : "";
    expect(await pack()).toMatchObject({ code: 0, out: expect.stringContaining(digest) });
    const { code, out } = await bundle("inspect", file);
    expect(code).toBe(0);
    expect(out).toMatch(/demo 1\.0\.0: whole, 3 files\n.*nothing says who made it\n/su);
    expect(JSON.parse((await bundle("inspect", file, "--json")).out)).toMatchObject({
      ok: true,
      digest,
      signature: "none",
    });
    expect(await bundle("extract", file, "--to", join(folder, "out"))).toMatchObject({ code: 0 });
    expect(await digestTree(join(folder, "out"))).toMatchObject({ ok: true, digest });
  });

  it.each([
    ["a by-product", 5, () => writeFileSync(join(root, "npm-debug.log"), ""), "npm-debug.log"],
    ["a link", 4, () => symlinkSync("main.mjs", join(root, "link")), "symlink_escape"],
    [
      "a file that exists in the way",
      3,
      () => writeFileSync(file, ""),
      "name a file that does not exist",
    ],
  ])("packs nothing with %s", async (_what, code, change, message) => {
    change();
    expect(await pack()).toMatchObject({ code, err: expect.stringContaining(message) });
  });

  it("packs a by-product on purpose, and smaller", async () => {
    writeFileSync(join(root, "words.log"), "word ".repeat(1_000));
    expect(await pack("--allow", "words.log", "--compression", "deflate")).toMatchObject({
      code: 0,
    });
    expect(readFileSync(file).length).toBeLessThan(3_000);
    expect(await bundle("inspect", file, "--require", "words.log")).toMatchObject({ code: 0 });
    expect(await bundle("inspect", file, "--require", "LICENSE")).toMatchObject({
      code: 5,
      err: expect.stringContaining('it has no "LICENSE"'),
    });
  });

  it("refuses a file that is not whole, by name and with what to do", async () => {
    await pack();
    appendFileSync(file, "x");
    const refused = await bundle("inspect", file);
    expect(refused).toMatchObject({
      code: 5,
      out: "",
      err: expect.stringContaining("after the end record"),
    });
    expect(JSON.parse((await bundle("inspect", file, "--json")).out)).toMatchObject({
      ok: false,
      kind: "trailing_data",
    });
    expect(await bundle("extract", file, "--to", join(folder, "out"))).toMatchObject({ code: 5 });
    expect(existsSync(join(folder, "out"))).toBe(false);
  });

  it("refuses a manifest with a fault, and a bundle that is no plugin", async () => {
    appendFileSync(join(root, "plugin.yaml"), "colour: red\n");
    await pack();
    expect(await bundle("inspect", file)).toMatchObject({
      code: 5,
      err: expect.stringContaining("colour"),
    });
    rmSync(file);
    rmSync(join(root, "plugin.yaml"));
    await pack();
    expect(await bundle("inspect", file)).toMatchObject({
      code: 5,
      err: expect.stringContaining('no "plugin.yaml"'),
    });
  });

  it("checks a signature where a key is named, and says that it was not where none is", async () => {
    await pack();
    const { privateKey } = generateKeyPairSync("ed25519");
    const tree = await digestTree(root);
    if (!tree.ok) throw new Error(tree.rejection.kind);
    const line = signPlugin({ plugin: "demo", version: "1.0.0", digest: tree.digest }, privateKey);
    const signer = line.split(" ")[0] ?? "";
    expect(await bundle("inspect", file, "--signer", signer)).toMatchObject({
      code: 5,
      err: expect.stringContaining("signature_missing"),
    });
    writeFileSync(`${file}.sig`, line);
    expect((await bundle("inspect", file)).out).toContain("it was not checked");
    expect((await bundle("inspect", file, "--signer", signer)).out).toContain(
      "by a key that was asked for",
    );
    const other = signer.replace(/:./u, (start) => (start === ":A" ? ":B" : ":A"));
    expect(await bundle("inspect", file, "--signer", other)).toMatchObject({
      code: 5,
      err: expect.stringContaining("untrusted_signer"),
    });
    writeFileSync(join(root, "main.mjs"), "export default 2;\n");
    rmSync(file);
    await pack();
    expect(await bundle("inspect", file, "--signer", signer)).toMatchObject({
      code: 5,
      err: expect.stringContaining("signature_invalid"),
    });
  });

  it.each([
    [["fold"], "pack, inspect, extract or test"],
    [["pack", "x"], "--out <file>"],
    [["pack", "x", "--out", "y", "--compression", "best"], "store or deflate"],
    [["inspect"], "it takes a file, and one alone"],
    [["extract", "x"], "--to <folder>"],
    [["test", "x", "--steps", "lint"], "imports, tests, or both"],
  ])("does not understand %j", async (argv, message) => {
    expect(await bundle(...argv)).toMatchObject({ code: 2, err: expect.stringContaining(message) });
  });

  it("says which file it cannot read", async () => {
    expect(await bundle("inspect", join(folder, "absent"))).toMatchObject({
      code: 3,
      err: expect.stringContaining("ENOENT"),
    });
  });
});

describeWith(["bwrap", "prlimit"], "sigil bundle test", () => {
  it("runs what a bundle declares, in a sandbox, and keeps what was printed byte for byte", async () => {
    await pack();
    const evidence = join(folder, "evidence");
    const { code, out } = await bundle("test", file, "--evidence", evidence);
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringMatching(/passed {2}imports.*\npassed {2}tests/u),
    });
    expect(readFileSync(join(evidence, "stdout.log"), "utf8")).toBe("two\nlines\n");
    expect(readFileSync(join(evidence, "stderr.log"), "utf8")).toBe("seen\n");
    expect(JSON.parse(readFileSync(join(evidence, "report.json"), "utf8"))).toMatchObject({
      steps: [
        { step: "imports", outcome: "passed" },
        { step: "tests", exitCode: 0 },
      ],
    });
    expect(await bundle("test", file, "--evidence", evidence)).toMatchObject({ code: 2 });
  });

  it("does not pass a test that fails, and shows its last words", async () => {
    writeFileSync(
      join(root, "test.mjs"),
      "console.error('expected 1\\u001b[2J'); process.exit(7);\n",
    );
    await pack();
    const { code, out, err } = await bundle("test", file, "--steps", "tests");
    expect({ code, out }).toMatchObject({ code: 5, out: expect.stringContaining("FAILED  tests") });
    expect(err).toContain("  | expected 1\\u{1b}[2J");
  });

  it("reaches no network and no file of ours", async () => {
    writeFileSync(join(folder, "secret"), "s");
    writeFileSync(
      join(root, "test.mjs"),
      `import { connect } from "node:net"; import { readFileSync } from "node:fs";
try { readFileSync(${JSON.stringify(join(folder, "secret"))}); process.exit(1); } catch {}
connect(53, "1.1.1.1").once("error", () => process.exit(process.env.PATH === "/usr/bin:/bin" ? 0 : 2)).once("connect", () => process.exit(3));\n`,
    );
    await pack();
    expect(await bundle("test", file, "--steps", "tests")).toMatchObject({ code: 0 });
  });

  it("runs nothing of a bundle that a lock does not hold", async () => {
    await pack();
    const lock = join(folder, "plugins.lock");
    const locked = (digest: string, version = "1.0.0"): void => {
      const made = amendLockfile(undefined, { demo: { digests: [digest], surface, version } });
      writeFileSync(lock, made.ok ? formatLockfile(made.lock) : "");
    };
    const tree = await digestTree(root);
    locked(`tree1-sha256:${"0".repeat(64)}`);
    const evidence = join(folder, "evidence");
    const argv = ["test", file, "--lock", lock, "--evidence", evidence] as const;
    expect(await bundle(...argv)).toMatchObject({
      code: 4,
      err: expect.stringContaining("integrity_mismatch"),
    });
    locked(tree.ok ? tree.digest : "", "1.0.1");
    expect(await bundle(...argv)).toMatchObject({
      code: 4,
      err: expect.stringContaining("version_mismatch"),
    });
    writeFileSync(lock, "{}");
    expect(await bundle(...argv)).toMatchObject({
      code: 4,
      err: expect.stringContaining("unlocked_plugin"),
    });
    writeFileSync(lock, "{ }}");
    expect(await bundle(...argv)).toMatchObject({
      code: 4,
      err: expect.stringContaining("lockfile_malformed"),
    });
    expect(existsSync(evidence)).toBe(false);
    locked(tree.ok ? tree.digest : "");
    expect(await bundle(...argv)).toMatchObject({ code: 0 });
    expect(readdirSync(evidence).toSorted()).toEqual(["report.json", "stderr.log", "stdout.log"]);
  });

  it("never takes nothing for a pass", async () => {
    const text = readFileSync(join(root, "plugin.yaml"), "utf8");
    writeFileSync(join(root, "plugin.yaml"), text.replace(/self_test.*\n/u, ""));
    await pack();
    expect(await bundle("test", file)).toMatchObject({
      code: 3,
      err: expect.stringContaining("nothing was tested"),
    });
  });
});
