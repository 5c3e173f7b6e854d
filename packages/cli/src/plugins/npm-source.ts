import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { type KnownProgram, pluginNameOf } from "./propose-manifest.ts";

const run = promisify(execFile);
const flags = ["--ignore-scripts", "--omit=dev", "--no-bin-links", "--no-audit", "--no-fund"];

const packageSchema = z.looseObject({
  name: z.string().max(214),
  version: z.string().max(128),
  description: z.string().max(4_096).optional(),
  license: z.string().max(128).optional(),
  bin: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
  main: z.string().optional(),
});

/**
 * Lays out a package of npm as plain files: no install script runs and no link is made, so the digest of the tree covers all of it.
 *
 * @returns how its program is started
 */
export async function layOutPackage(
  tree: string,
  { name, version }: { readonly name: string; readonly version: string },
  options: { readonly bin: string | undefined; readonly args: readonly string[] },
): Promise<KnownProgram> {
  const spec = `${name}@${version}`;
  await mkdir(tree, { recursive: true });
  await writeFile(join(tree, "package.json"), '{ "private": true }\n');
  const args = ["install", ...flags, "--save-exact", "--omit-lockfile-registry-resolved", spec];
  await run("npm", args, {
    cwd: tree,
    env: { ...process.env, npm_config_update_notifier: "false" },
    timeout: 600_000,
    maxBuffer: 1_048_576,
  }).catch((cause: unknown) => {
    const told = cause instanceof Error && "stderr" in cause ? String(cause.stderr) : "";
    const last = told.trim().split("\n").at(-1) ?? "";
    throw new Error(`Cannot add npm:${spec}: npm install failed: ${last.slice(0, 300)}`, { cause });
  });
  // npm's note to itself is no part of what was published.
  await rm(join(tree, "node_modules/.package-lock.json"), { force: true });
  const home = `node_modules/${name}`;
  const text = await readFile(join(tree, home, "package.json"), "utf8");
  const described = packageSchema.parse(JSON.parse(text));
  const script = scriptOf(described, options.bin);
  return {
    name: pluginNameOf(name),
    version: described.version,
    description: described.description,
    license: described.license,
    command: ["node", `${home}/${script.replace(/^\.\//u, "")}`, ...options.args],
    source: `npm:${spec}`,
  };
}

/** The script of a folder that holds a package of its own. */
export async function programOfPackage(
  folder: string,
  options: { readonly bin: string | undefined; readonly args: readonly string[] },
): Promise<KnownProgram | undefined> {
  const text = await readFile(join(folder, "package.json"), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const described = packageSchema.parse(JSON.parse(text));
  const script = scriptOf(described, options.bin);
  return {
    name: pluginNameOf(described.name),
    version: described.version,
    description: described.description,
    license: described.license,
    command: ["node", script.replace(/^\.\//u, ""), ...options.args],
    source: `the folder of package ${described.name}`,
  };
}

function scriptOf(
  { name, bin, main }: z.infer<typeof packageSchema>,
  wanted: string | undefined,
): string {
  if (typeof bin === "string") return bin;
  const programs = Object.entries(bin ?? {});
  const named = programs.find(([program]) => program === wanted);
  if (named) return named[1];
  const [only] = programs;
  if (wanted === undefined && programs.length === 1 && only) return only[1];
  const unscoped = programs.find(([program]) => program === name.slice(name.indexOf("/") + 1));
  if (wanted === undefined && unscoped) return unscoped[1];
  if (wanted === undefined && programs.length === 0 && main !== undefined) return main;
  const known = programs.map(([program]) => program).join(", ") || "none";
  throw new Error(
    `Cannot tell which program of "${name}" is the server: it has ${known}; name it with --bin`,
  );
}
