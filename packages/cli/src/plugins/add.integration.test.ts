import { execFileSync } from "node:child_process";
import {
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
import { packBundle } from "@sigilrt/bundle";
import { parseManifest } from "@sigilrt/manifest";
import { describeWith } from "@sigilrt/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PluginPlace } from "./plugin-place.ts";
import { type Ran, runWith } from "../fixtures/run.ts";

let folder: string;
let staged: string;
const placeOf = (): PluginPlace => ({
  lock: join(folder, "plugins.lock"),
  consents: join(folder, "consents.json"),
  folders: new Map(),
  home: join(folder, "plugins"),
  staged,
});
const add = (...argv: readonly string[]): Promise<Ran> => runWith(placeOf(), ["add", ...argv]);
const tree = (path: string): string => join(staged, "demo/tree", path);
const proposed = (name = "demo"): ReturnType<typeof parseManifest> =>
  parseManifest(readFileSync(join(staged, name, "tree/plugin.yaml")));
const source = (files: Readonly<Record<string, string>>): string => {
  const root = join(folder, "source");
  mkdirSync(root, { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
  return root;
};
const manifest =
  "name: demo\nversion: 1.0.0\ntype: tool\nexecution: { tier: process }\nentry: { command: [node, main.mjs] }\n";
/** A ZIP by another writer, compressed. */
const foreignZip = (name: string, files: Readonly<Record<string, string>>): string => {
  const path = join(folder, name);
  const program = `import sys, json, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as archive:
    for name, text in json.loads(sys.argv[2]).items(): archive.writestr(name, text)`;
  execFileSync("python3", ["-c", program, path, JSON.stringify(files)]);
  return path;
};
const bundle = (name: string, files: Readonly<Record<string, string>>): string => {
  const entries = Object.entries(files).map(([path, text]) => ({
    path,
    content: Buffer.from(text),
  }));
  const path = join(folder, name);
  writeFileSync(path, packBundle(entries));
  return path;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "add-"));
  staged = join(folder, "staged");
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("sigil add", () => {
  it("brings a folder to where it waits, byte for byte", async () => {
    const { code, out } = await add(source({ "plugin.yaml": manifest, "main.mjs": "throw 1;\n" }));
    expect(code).toBe(0);
    expect(out).toMatch(/^staged demo 1\.0\.0 from .*\n {2}bytes {2}tree1-sha256:[0-9a-f]{64}\n/u);
    expect(readFileSync(tree("main.mjs"), "utf8")).toBe("throw 1;\n");
    expect(readFileSync(tree("plugin.yaml"), "utf8")).toBe(manifest);
  });

  it("puts what is added again in the place of what waited", async () => {
    await add(source({ "plugin.yaml": manifest, "main.mjs": "1;\n", "old.mjs": "" }));
    rmSync(join(folder, "source/old.mjs"));
    await add(source({ "main.mjs": "2;\n" }));
    expect(readFileSync(tree("main.mjs"), "utf8")).toBe("2;\n");
    expect(existsSync(tree("old.mjs"))).toBe(false);
    expect(readdirSync(staged)).toEqual(["demo"]);
  });

  it("proposes a manifest that asks for nothing, for a package without one", async () => {
    const described = { name: "@me/Demo_Server", version: "2.1.0", bin: { demo: "./main.mjs" } };
    const files = { "package.json": JSON.stringify(described), "main.mjs": "1;\n" };
    const { out } = await add(source(files), "--", "--root", "/data");
    expect(out).toContain("One was proposed that asks for nothing");
    expect(proposed("demo-server")).toMatchObject({
      name: "demo-server",
      version: "2.1.0",
      adapter: "mcp-stdio",
      entry: { command: ["node", "main.mjs", "--root", "/data"] },
      capabilities: [],
      execution: { tier: "process", sandbox: { network: { allow: [] } } },
    });
  });

  it("asks which program of a package is the server", async () => {
    const described = { name: "tools", version: "1.0.0", bin: { a: "a.mjs", b: "b.mjs" } };
    const root = source({ "package.json": JSON.stringify(described) });
    expect(await add(root)).toMatchObject({
      code: 3,
      err: expect.stringContaining("it has a, b; name it with --bin"),
    });
    expect(await add(root, "--bin", "b", "--name", "demo")).toMatchObject({ code: 0 });
    expect(proposed().entry).toEqual({ command: ["node", "b.mjs"] });
  });

  it("takes a bundle that is whole, and no other", async () => {
    const files = { "plugin.yaml": manifest, "main.mjs": "1;\n" };
    const path = bundle("demo.plugin.zip", files);
    expect(await add(path)).toMatchObject({ code: 0 });
    expect(readFileSync(tree("main.mjs"), "utf8")).toBe("1;\n");

    const bytes = readFileSync(path);
    bytes[bytes.indexOf("1;\n")] = 0x32;
    writeFileSync(path, bytes);
    rmSync(staged, { recursive: true });
    expect(await add(path)).toMatchObject({ code: 5, err: expect.stringContaining("CRC-32") });
    expect(readdirSync(staged)).toEqual([]);
  });

  it.each([
    ["a path that leads out", "Z01_traversal.zip"],
    ["an absolute path", "Z03_absolute.zip"],
    ["a link", "Z06_symlink_dir_then_file.zip"],
    ["two files of one name", "Z09_duplicate.zip"],
    ["an encrypted entry", "Z31_encrypted.zip"],
    ["a file and a folder of one name", "Z41_file_and_dir.zip"],
    ["a pipe", "Z52_fifo.zip"],
    ["an end that is cut off", "Z67_truncated.zip"],
    ["a size that is a lie", "B5_lying_size.zip"],
  ])("writes nothing of an archive with %s, whatever its name ends in", async (_what, vector) => {
    const bytes = readFileSync(new URL(`../../../bundle/vectors/${vector}`, import.meta.url));
    for (const name of ["a.mcpb", "a.zip"]) {
      writeFileSync(join(folder, name), bytes);
      // oxlint-disable-next-line no-await-in-loop -- two
      expect((await add(join(folder, name))).code).not.toBe(0);
    }
    expect(readdirSync(staged)).toEqual([]);
    expect(readdirSync(folder).toSorted()).toEqual(["a.mcpb", "a.zip", "staged"]);
  });

  it("refuses a folder with a link, and keeps what waited before", async () => {
    const root = source({ "plugin.yaml": manifest, "main.mjs": "1;\n" });
    await add(root);
    symlinkSync("main.mjs", join(root, "inward"));
    expect(await add(root)).toMatchObject({
      code: 4,
      err: expect.stringContaining("symlink_escape, path inward"),
    });
    expect(readFileSync(tree("main.mjs"), "utf8")).toBe("1;\n");
    expect(readdirSync(staged)).toEqual(["demo"]);
  });

  it.each([
    [["npm:some-server"], "with the exact version"],
    [["npm:some-server@latest"], "with the exact version"],
    [["npm:some-server@^1.0.0"], "with the exact version"],
    [["npm:../evil@1.0.0"], "with the exact version"],
    [["/nowhere"], "there is nothing"],
    [["/etc/hostname"], "no folder, no .zip and no .mcpb"],
    [[], "it takes a source"],
    [["a", "b"], "and one alone"],
    [["a", "--colour"], "--colour"],
    [["a", "--set", "x"], "name=value"],
  ])("does not understand %j", async (argv, message) => {
    expect(await add(...argv)).toMatchObject({ code: 2, err: expect.stringContaining(message) });
    expect(existsSync(staged)).toBe(false);
  });

  it("lays out a package of npm as plain files, without running a script of it", async () => {
    const { code, out } = await add("npm:is-number@7.0.0", "--name", "demo");
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringContaining("staged demo 7.0.0"),
    });
    expect(proposed().entry).toEqual({ command: ["node", "node_modules/is-number/index.js"] });
    const files = readdirSync(tree("."), { recursive: true, withFileTypes: true });
    expect(files.filter((entry) => !entry.isFile() && !entry.isDirectory())).toEqual([]);
    expect(readFileSync(tree("package-lock.json"), "utf8")).not.toContain("resolved");
  });

  it("says why npm has no such package", async () => {
    expect(await add("npm:is-number@0.0.99")).toMatchObject({
      code: 3,
      err: expect.stringContaining("npm install failed"),
    });
    expect(readdirSync(staged)).toEqual([]);
  });

  it.each([
    [["review", "../victim"], "as a plugin's name"],
    [["review", "/etc"], "as a plugin's name"],
    [["reject", "../victim", "--user", "ada"], "as a plugin's name"],
    [["approve", "..", "--digest", "0".repeat(64), "--user", "ada"], "as a plugin's name"],
    [["approve", "demo", "--digest", "0".repeat(64), "--user", ""], "--user"],
    [["reject", "demo", "--user", "ada\nben"], "--user"],
    [["reject", "demo", "--user", "a".repeat(257)], "--user"],
    [["reject", "demo"], "it needs --user"],
    [["approve", "demo", "--user", "ada"], "it needs --digest"],
    [["lock", "renew"], "init, update, verify or migrate"],
    [["lock", "init", "--base", "x"], "--base goes with verify"],
  ])("touches nothing for %j", async (argv, message) => {
    const victim = join(folder, "victim");
    mkdirSync(victim);
    const note = { digest: "", source: "", proposed: false, version: "" };
    writeFileSync(join(victim, "note.json"), JSON.stringify(note));
    const ran = await runWith(placeOf(), argv);
    expect(ran).toMatchObject({ code: 2, err: expect.stringContaining(message) });
    expect(existsSync(join(victim, "note.json"))).toBe(true);
  });

  it("makes an empty lock once, and never in the place of another", async () => {
    expect(await runWith(placeOf(), ["lock", "init"])).toMatchObject({ code: 0 });
    const { lock, consents } = placeOf();
    expect(JSON.parse(readFileSync(lock, "utf8"))).toEqual({ lockfileVersion: 1, plugins: {} });
    expect(JSON.parse(readFileSync(consents, "utf8"))).toEqual({ version: 1, consents: {} });
    writeFileSync(lock, "{}");
    expect(await runWith(placeOf(), ["lock", "init"])).toMatchObject({
      code: 3,
      err: expect.stringContaining("it exists; nothing was changed"),
    });
    expect(readFileSync(lock, "utf8")).toBe("{}");
  });

  it("needs a gateway that has plugins", async () => {
    expect(await runWith(undefined, ["add", "/tmp"])).toMatchObject({ code: 3 });
  });
});

describeWith(["python"], "sigil add of an MCPB file", () => {
  it("lays out an MCPB file and proposes how its server is started", async () => {
    const described = {
      manifest_version: "0.2",
      name: "demo",
      version: "3.0.0",
      description: "Shows\nthings",
      server: {
        type: "node",
        entry_point: "server/index.js",
        mcp_config: {
          command: "node",
          args: ["${__dirname}/server/index.js", "--dir", "${user_config.dir}"],
          env: { MODE: "plain", API_KEY: "${user_config.api_key}" },
        },
      },
    };
    const path = foreignZip("demo.mcpb", {
      "manifest.json": JSON.stringify(described),
      "server/index.js": "1;\n",
    });
    expect(await add(path)).toMatchObject({
      code: 5,
      err: expect.stringContaining('needs a value for "dir"; give it with --set dir=<value>'),
    });
    expect(await add(path, "--set", "dir=/data")).toMatchObject({ code: 0 });
    expect(proposed()).toMatchObject({
      version: "3.0.0",
      description: "Shows things",
      entry: { command: ["node", "server/index.js", "--dir", "/data"] },
      env: { MODE: "plain" },
      secrets: [{ name: "api_key", env: "API_KEY" }],
    });
    expect(readFileSync(tree("server/index.js"), "utf8")).toBe("1;\n");
  });

  it.each([
    ["no manifest", { "x.js": "" }, /no manifest\.json/u],
    ["a manifest without a server", { "manifest.json": "{}" }, /server/u],
  ])("refuses an MCPB file with %s", async (_what, files, message) => {
    expect((await add(foreignZip("demo.mcpb", files as Record<string, string>))).err).toMatch(
      message,
    );
    expect(readdirSync(staged)).toEqual([]);
  });
});
