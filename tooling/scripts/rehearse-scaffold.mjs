// Makes a plugin project from the packed tarballs in an empty folder, installs it without network, runs its tests, and packs it.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Answers what went wrong. */
export function rehearseScaffold({ scratch, tarballs, overrides }) {
  const tool = join(scratch, "scaffold-tool");
  mkdirSync(tool);
  const workspace = `packages: []\noverrides:\n${overrides.join("\n")}\nallowBuilds:\n  esbuild: false\n  protobufjs: false\n`;
  writeFileSync(join(tool, "pnpm-workspace.yaml"), workspace);
  writeFileSync(
    join(tool, "package.json"),
    JSON.stringify({
      private: true,
      dependencies: { "create-sigil-plugin": tarballs["create-sigil-plugin"] },
    }),
  );
  const home = join(tool, "my-plugin");
  const steps = [
    [tool, "pnpm", "install", "--offline"],
    [tool, join(tool, "node_modules/.bin/create-sigil-plugin"), "my-plugin"],
    [home, "pnpm", "install", "--offline"],
    [home, "pnpm", "run", "test"],
    [home, "pnpm", "run", "pack"],
    [home, join(home, "node_modules/.bin/sigil"), "bundle", "inspect", "my-plugin.sigil"],
  ];
  for (const [cwd, command, ...args] of steps) {
    if (cwd === home && !existsSync(join(home, "pnpm-workspace.yaml"))) {
      writeFileSync(join(home, "pnpm-workspace.yaml"), workspace);
    }
    const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
    if (status !== 0) {
      return [`create-sigil-plugin: ${command} ${args.join(" ")}:\n${stdout}${stderr}`];
    }
  }
  const files = readdirSync(join(home, "bundle"));
  const main = readFileSync(join(home, "bundle/main.mjs"), "utf8");
  if (!files.includes("plugin.yaml") || /from ?"@sigilrt/u.test(main)) {
    return ["create-sigil-plugin: the bundle lacks its manifest, or imports what is not in it"];
  }
  console.log(`create-sigil-plugin: a project made, tested, and packed from ${files.length} files`);
  return [];
}
