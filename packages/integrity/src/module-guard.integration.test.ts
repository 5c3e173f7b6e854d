import { execFile } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { digestTree, guardModules } from "@sigilrt/integrity";
import { removeFolder } from "@sigilrt/testing/remove-folder";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { GuardedLoad } from "./fixtures/load-guarded.ts";

const run = promisify(execFile);
const program = join(import.meta.dirname, "fixtures/load-guarded.ts");
const evil = "globalThis.sentinel = 'evil ran'; export default 'evil';\n";
let folder: string;
let root: string;

const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
const load = async (rest: Omit<GuardedLoad, "root">): Promise<Record<string, unknown>> => {
  const argument = JSON.stringify({ root, ...rest });
  const { stdout } = await run(process.execPath, [
    "--conditions=@sigilrt/source",
    "--disable-warning=ExperimentalWarning",
    program,
    argument,
  ]);
  return JSON.parse(stdout) as Record<string, unknown>;
};
const verified = async (): Promise<string> => {
  const tree = await digestTree(root);
  return tree.ok ? tree.fileList : "";
};
const rejected = (rejection: Readonly<Record<string, unknown>>): unknown => ({
  outcome: { rejection: { plugin: "demo", ...rejection } },
  heard: [{ plugin: "demo", ...rejection }],
  global: null,
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "guard-"));
  root = join(folder, "tree");
  mkdirSync(root);
});
afterEach(() => {
  removeFolder(folder);
});

describe("guardModules", () => {
  it("loads modules, CommonJS and JSON by their extension, whatever package.json says", async () => {
    write("package.json", '{"type":"commonjs","imports":{"#inner":"./b.mjs"}}');
    write(
      "main.js",
      'import b from "./lib/b.mjs";\nimport c from "./c.cjs";\nexport default [b, c];\n',
    );
    write(
      "lib/b.mjs",
      'import data from "../d.json" with { type: "json" };\nexport default data.value;\n',
    );
    write("c.cjs", 'module.exports = require("./lib/e.cjs") + require("./d.json").value;\n');
    write("lib/e.cjs", 'module.exports = "c";\n');
    write("d.json", '{"value":"d"}');
    expect(await load({ entry: "main.js" })).toEqual({
      outcome: ["d", "cd"],
      heard: [],
      global: null,
    });
  });

  it.each(["main.mjs", "lib/b.mjs", "c.cjs", "d.json"])(
    "runs no byte of %s after it was changed",
    async (changed) => {
      write("main.mjs", 'import "./lib/b.mjs";\nexport default 1;\n');
      write("lib/b.mjs", 'import "../c.cjs";\n');
      write("c.cjs", 'require("./d.json");\n');
      write("d.json", '{"value":"d"}');
      const fileList = await verified();
      appendFileSync(join(root, changed), changed === "d.json" ? " " : "globalThis.sentinel = 1;");
      expect(await load({ entry: "main.mjs", fileList })).toMatchObject({
        outcome: { rejection: { kind: "integrity_mismatch_at_load", path: changed } },
        global: null,
      });
    },
  );

  it("refuses a file that became a link, also the first one", async () => {
    write("main.mjs", "export default 1;\n");
    const fileList = await verified();
    writeFileSync(join(folder, "evil.mjs"), evil);
    rmSync(join(root, "main.mjs"));
    symlinkSync(join(folder, "evil.mjs"), join(root, "main.mjs"));
    expect(await load({ entry: "main.mjs", fileList })).toMatchObject({
      outcome: { rejection: { kind: "integrity_mismatch_at_load", path: "main.mjs" } },
      global: null,
    });
  });

  it("refuses a file that was added since", async () => {
    write("main.mjs", 'export default await import("./late.mjs");\n');
    const fileList = await verified();
    write("late.mjs", evil);
    expect(await load({ entry: "main.mjs", fileList })).toEqual(
      rejected({ kind: "unlisted_file_loaded", path: "late.mjs" }),
    );
  });

  it.each([
    ["a parent folder", "../evil.mjs"],
    ["an absolute path", "/etc/hostname"],
    ["a file URL", "file:///etc/hostname"],
    ["a data URL", "data:text/javascript,globalThis.sentinel=1"],
    ["a built-in", "node:fs"],
    ["a built-in by its bare name", "fs"],
    ["a package", "vitest"],
    ["a package's own import", "#inner"],
    ["an escaped slash", "./lib%2fb.mjs"],
    ["a file that is no module", "./notes.txt"],
  ])("refuses %s", async (_what, specifier) => {
    writeFileSync(join(folder, "evil.mjs"), evil);
    write("package.json", '{"imports":{"#inner":"./lib/b.mjs"}}');
    write("lib/b.mjs", evil);
    write("notes.txt", evil);
    write("main.mjs", `import ${JSON.stringify(specifier)};\n`);
    write("main.cjs", `require(${JSON.stringify(specifier)});\n`);
    const refusal = { kind: "import_outside_plugin", specifier: specifier.replace("./n", "n") };
    expect(await load({ entry: "main.mjs" })).toEqual(rejected(refusal));
    expect(await load({ entry: "main.cjs" })).toEqual(rejected(refusal));
  });

  it("lets through the built-ins and packages that the gateway named", async () => {
    writeFileSync(join(folder, "host.mjs"), 'export default "the host\'s";\n');
    write(
      "main.mjs",
      'import { sep } from "node:path";\nimport host from "host";\nexport default host + sep;\n',
    );
    const options = {
      plugin: "demo",
      builtins: ["node:path"],
      packages: { host: pathToFileURL(join(folder, "host.mjs")).href },
    };
    expect(await load({ entry: "main.mjs", options })).toMatchObject({ outcome: "the host's/" });
  });

  it("refuses native code that was not allowed by name", async () => {
    write("native.node", "no library");
    write("main.cjs", 'require("./native.node");\n');
    expect(await load({ entry: "main.cjs" })).toEqual(
      rejected({ kind: "addon_not_allowed", path: "native.node" }),
    );
    const allowed = await load({
      entry: "main.cjs",
      options: { plugin: "demo", addons: ["native.node"] },
    });
    // The system's loader was asked, and found no library.
    expect(allowed).toMatchObject({ outcome: { name: "Error" }, heard: [] });
  });

  it("hears of a refusal that the plugin keeps to itself", async () => {
    write("main.mjs", 'export default await import("node:fs").catch(() => "nothing happened");\n');
    expect(await load({ entry: "main.mjs" })).toMatchObject({
      outcome: "nothing happened",
      heard: [{ kind: "import_outside_plugin", specifier: "node:fs" }],
    });
  });

  it("gives out data while it is what was verified", async () => {
    write("words.txt", "verified");
    const fileList = await verified();
    expect(await load({ entry: "words.txt", as: "asset", fileList })).toMatchObject({
      outcome: "verified",
    });
    write("words.txt", "replaced");
    expect(await load({ entry: "words.txt", as: "asset", fileList })).toMatchObject({
      outcome: { rejection: { kind: "integrity_mismatch_at_load", path: "words.txt" } },
    });
    expect(await load({ entry: "../x", as: "asset", fileList })).toMatchObject({
      outcome: { rejection: { kind: "unlisted_file_loaded", path: "../x" } },
    });
  });

  // The hole that the README names: it is why a guarded plugin gets no worker threads.
  it("does not reach into a worker thread, which is why a plugin gets none", async () => {
    write(
      "worker.mjs",
      'import { parentPort } from "node:worker_threads";\nparentPort.postMessage(1);\n',
    );
    const fileList = await verified();
    write(
      "worker.mjs",
      'import { parentPort } from "node:worker_threads";\nparentPort.postMessage("changed");\n',
    );
    expect(await load({ entry: "worker.mjs", as: "worker", fileList })).toMatchObject({
      outcome: "changed",
    });
    const options = { plugin: "demo", builtins: ["node:worker_threads"] };
    expect(() => guardModules(root, fileList, options)).toThrow(/would load past the guard/u);
    const mapped = { plugin: "demo", packages: { threads: "node:worker_threads" } };
    expect(() => guardModules(root, fileList, mapped)).toThrow(TypeError);
  });

  // The runner of these tests loads modules itself.
  it("tells when another loader answered an import", async () => {
    write("main.mjs", "export default 1;\n");
    using guard = guardModules(root, await verified(), { plugin: "demo" });
    await expect(guard.import("main.mjs")).rejects.toThrow(/"main.mjs" ran unguarded/u);
  });

  it("says which folder it cannot find", () => {
    expect(() => guardModules(join(folder, "absent"), "", { plugin: "demo" })).toThrow(
      /Cannot guard ".*absent": ENOENT/u,
    );
  });
});
