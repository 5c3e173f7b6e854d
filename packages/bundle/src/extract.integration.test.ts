import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BundleFile, packBundle } from "@sigilrt/bundle";
import { describeWith } from "@sigilrt/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rawBundle } from "./testing/raw-zip.ts";
import { files, temporaryFolder } from "./testing/workbench.ts";

const source = JSON.stringify(new URL("index.ts", import.meta.url).href);
let folder: ReturnType<typeof temporaryFolder>;
let parent: string;
let script: string;
let bundle: string;

// Extracts the bundle of its first argument to its second and prints what came of it.
const program = `
import { readFileSync } from "node:fs";
import { extractBundle } from ${source};
process.on("SIGXFSZ", () => undefined);
const [, , bundle, target] = process.argv;
const outcome = await extractBundle(readFileSync(bundle), target).catch((error) => error);
console.log(JSON.stringify({
  code: outcome.code, cause: outcome.cause?.code, ok: outcome.ok, kind: outcome.rejection?.kind,
}));
`;
const large = files({ "a.txt": "small", "b/large.txt": "x".repeat(4_000_000) });

const write = (tree: readonly BundleFile[] | Uint8Array): void =>
  writeFileSync(bundle, tree instanceof Uint8Array ? tree : packBundle(tree));
const answerOf = (output: string): unknown => JSON.parse(output.trim().split("\n").at(-1) ?? "");

beforeEach(() => {
  folder = temporaryFolder();
  parent = join(folder.path, "parent");
  script = join(folder.path, "run.ts");
  bundle = join(folder.path, "demo.plugin.zip");
  execFileSync("mkdir", [parent]);
  writeFileSync(script, program);
});
afterEach(() => {
  folder[Symbol.dispose]();
});

describe("extractBundle in a process of its own", () => {
  const run = (before: string, flags: readonly string[] = []): unknown => {
    const target = join(parent, "tree");
    const args = ["--conditions=@sigilrt/source", ...flags, script, bundle, target];
    const command = `${before} exec "$0" "$@"`;
    return answerOf(
      execFileSync("sh", ["-c", command, process.execPath, ...args], { encoding: "utf8" }),
    );
  };

  it("leaves nothing where a file cannot be written to its end", () => {
    write(large);
    expect(run("ulimit -f 1000;")).toEqual({ code: "IO", cause: "EFBIG" });
    expect(readdirSync(parent)).toEqual([]);
    expect(run("")).toEqual({ ok: true });
    expect(readdirSync(parent)).toEqual(["tree"]);
  });

  it("writes the same modes under every umask", () => {
    write(large);
    expect(run("umask 0177;")).toEqual({ ok: true });
    const modes = ["", "b", "b/large.txt", "manifest.txt"].map(
      (path) => statSync(join(parent, "tree", path)).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o755, 0o644, 0o644]);
  });

  it("touches the file system only after the verdict", () => {
    // With this flag the runtime itself refuses every write, program, worker and addon.
    const flags = ["--permission", "--allow-fs-read=*"];
    write(rawBundle([{ name: "../x", content: "evil" }]));
    expect(run("", flags)).toEqual({ ok: false, kind: "path_unsafe" });
    write(large);
    expect(run("", flags)).toEqual({ code: "IO", cause: "ERR_ACCESS_DENIED" });
  });

  it("writes a tree that sha256sum checks, and whose list has the digest as its hash", () => {
    write(large);
    run("");
    const tree = join(parent, "tree");
    const checked = execFileSync("sha256sum", ["-c", "manifest.txt"], {
      cwd: tree,
      encoding: "utf8",
    });
    expect(checked).toBe("a.txt: OK\nb/large.txt: OK\n");
    const [hash] = execFileSync("sha256sum", ["manifest.txt"], {
      cwd: tree,
      encoding: "utf8",
    }).split(" ");
    const listed = readFileSync(join(tree, "manifest.txt"), "utf8");
    expect(listed).toMatch(/^[0-9a-f]{64} {2}a\.txt\n[0-9a-f]{64} {2}b\/large\.txt\n$/u);
    expect(hash).toMatch(/^[0-9a-f]{64}$/u);
  });
});

describeWith(["bwrap"], "extractBundle on a full disk", () => {
  it("leaves nothing and says so", () => {
    write(large);
    const disk = ["--dev-bind", "/", "/", "--size", "1000000", "--tmpfs", parent];
    const args = [
      process.execPath,
      "--conditions=@sigilrt/source",
      script,
      bundle,
      join(parent, "tree"),
    ];
    const { stdout, stderr } = spawnSync(
      "bwrap",
      [
        ...disk,
        "--setenv",
        "PARENT",
        parent,
        "sh",
        "-c",
        '"$0" "$@"; echo "left: $(ls -A "$PARENT")"',
        ...args,
      ],
      { encoding: "utf8" },
    );
    expect(stderr).toBe("");
    const [answer, left] = stdout.split("\n");
    expect(JSON.parse(answer ?? "")).toEqual({ code: "IO", cause: "ENOSPC" });
    expect(left).toBe("left: ");
  });
});

describe("inspection", () => {
  it("runs no byte of a bundle during inspection", () => {
    const mark = join(folder.path, "mark");
    const evil = `require("node:fs").writeFileSync(${JSON.stringify(mark)}, "");`;
    const tree = files({
      "plugin.yaml": "name: demo\nself_test:\n  imports: [index.js]\n  command: [node, test.js]\n",
      "package.json": JSON.stringify({ scripts: { preinstall: "touch mark", test: "touch mark" } }),
      "index.js": evil,
      "test.js": evil,
      "conftest.py": `open(${JSON.stringify(mark)}, "w")`,
    });
    write(tree);
    const inspecting = `
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { inspectBundle } from ${source};
const bytes = readFileSync(process.argv[2]);
let loads = 0;
registerHooks({ load(url, context, next) { loads += 1; return next(url, context); } });
const verdict = inspectBundle(bytes, { required: ["plugin.yaml"] });
const evaluation = (() => { try { return eval("1"); } catch (error) { return error.name; } })();
console.log(JSON.stringify({ ok: verdict.ok, files: verdict.files.length, loads, evaluation }));
`;
    writeFileSync(script, inspecting);
    const confined = [
      "--permission",
      "--allow-fs-read=*",
      "--disallow-code-generation-from-strings",
    ];
    const output = execFileSync(
      process.execPath,
      ["--conditions=@sigilrt/source", ...confined, script, bundle],
      { encoding: "utf8", cwd: parent },
    );
    expect(answerOf(output)).toEqual({ ok: true, files: 5, loads: 0, evaluation: "EvalError" });
    expect(readdirSync(folder.path).toSorted()).toEqual(["demo.plugin.zip", "parent", "run.ts"]);
    expect(readdirSync(parent)).toEqual([]);
  });
});
