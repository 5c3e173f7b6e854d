import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeRejection, extractBundle } from "@sigilrt/bundle";
import { digestTree } from "@sigilrt/integrity";
import { parseManifest } from "@sigilrt/manifest";
import { z } from "zod";
import { layOutMcpb } from "./mcpb-source.ts";
import { layOutPackage, programOfPackage } from "./npm-source.ts";
import { type KnownProgram, proposeManifest } from "./propose-manifest.ts";
import { EXIT } from "../exit-code.ts";
import { RefusedError } from "../refused-error.ts";
import { rejectionText } from "./rejection-text.ts";
import { readArchive, type Source } from "./source.ts";

/** What a person may say about a source. */
export interface StageOptions {
  /** The plugin's name, in place of the one that its source suggests. */
  readonly name?: string;
  /** Which program of a package is the server. */
  readonly bin?: string;
  /** Values that an MCPB file asks for. */
  readonly settings: Readonly<Record<string, string>>;
  /** Arguments of the program. */
  readonly args: readonly string[];
}

/** A plugin that waits for a review. */
export interface StagedPlugin {
  /** Its name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** The digest of its bytes. */
  readonly digest: string;
  /** Where its bytes lie. */
  readonly tree: string;
  /** Where they came from. */
  readonly source: string;
  /** Whether its manifest was written by us, since it came with none. */
  readonly proposed: boolean;
}

const noteSchema = z.strictObject({
  digest: z.string().max(128),
  source: z.string().max(4_096),
  proposed: z.boolean(),
  version: z.string().max(128),
});

/**
 * Brings the bytes of a plugin to where they wait for a review, in place of what waited under its name. Nothing of it runs, no install
 * script either. When it fails, what waited before still does.
 */
export async function stagePlugin(
  staged: string,
  source: Source,
  options: StageOptions,
): Promise<StagedPlugin> {
  await mkdir(staged, { recursive: true, mode: 0o700 });
  const draft = join(staged, `.${randomUUID()}`);
  const tree = join(draft, "tree");
  await mkdir(draft, { mode: 0o700 });
  try {
    const program = await layOut(tree, source, options);
    const proposed = await writeManifest(tree, program, options);
    const { name, version } = parseManifest(await readFile(join(tree, "plugin.yaml")));
    const outcome = await digestTree(tree);
    if (!outcome.ok) {
      const words = rejectionText({ ...outcome.rejection, plugin: name });
      throw new RefusedError(EXIT.rejected, `Cannot add "${name}": its tree is refused: ${words}`);
    }
    const { digest } = outcome;
    const from = source.kind === "npm" ? `npm:${source.name}@${source.version}` : source.path;
    const note = { digest, proposed, source: from, version };
    await writeFile(join(draft, "note.json"), `${JSON.stringify(note, null, 2)}\n`);
    const home = join(staged, name);
    await rm(home, { recursive: true, force: true });
    await rename(draft, home);
    return { name, ...note, tree: join(home, "tree") };
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Every plugin that waits in a folder, by name; what is still being laid out does not wait yet. */
export async function stagedPlugins(staged: string): Promise<readonly StagedPlugin[]> {
  const names = await readdir(staged).catch(() => []);
  const found = await Promise.all(
    names.filter((name) => !name.startsWith(".")).map((name) => stagedPlugin(staged, name)),
  );
  return found
    .filter((plugin) => plugin !== undefined)
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

/** The plugin that waits under a name, if one does. */
export async function stagedPlugin(
  staged: string,
  name: string,
): Promise<StagedPlugin | undefined> {
  const home = join(staged, name);
  const text = await readFile(join(home, "note.json"), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  return { name, ...noteSchema.parse(JSON.parse(text)), tree: join(home, "tree") };
}

/** Lays the source out below `tree`. Answers how it is started when it brings no manifest of ours. */
async function layOut(
  tree: string,
  source: Source,
  options: StageOptions,
): Promise<KnownProgram | undefined> {
  const { bin, args } = options;
  switch (source.kind) {
    case "npm":
      return layOutPackage(tree, source, { bin, args });
    case "mcpb":
      return layOutMcpb(tree, await readArchive(source.path), options.settings);
    case "bundle":
      return layOutBundle(tree, source.path);
    case "folder": {
      const found = await digestTree(source.path);
      if (!found.ok) {
        const words = rejectionText({ ...found.rejection, plugin: source.path });
        const message = `Cannot add "${source.path}": its tree is refused: ${words}`;
        throw new RefusedError(EXIT.rejected, message);
      }
      await cp(source.path, tree, { recursive: true, verbatimSymlinks: true });
      return existsSync(join(tree, "plugin.yaml"))
        ? undefined
        : programOfPackage(tree, { bin, args });
    }
    default:
      return source satisfies never;
  }
}

async function layOutBundle(tree: string, path: string): Promise<undefined> {
  const outcome = await extractBundle(await readArchive(path), tree);
  if (outcome.ok) return undefined;
  throw new RefusedError(EXIT.bundleRefused, describeRejection(outcome.rejection));
}

async function writeManifest(
  tree: string,
  program: KnownProgram | undefined,
  { name }: StageOptions,
): Promise<boolean> {
  const path = join(tree, "plugin.yaml");
  if (existsSync(path)) return false;
  if (!program) {
    throw new Error("Cannot add it: it has no plugin.yaml and nothing to propose one from");
  }
  const known = name === undefined ? program : { ...program, name };
  await writeFile(path, proposeManifest(known), { flag: "wx" });
  return true;
}
