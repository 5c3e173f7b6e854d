import { constants } from "node:fs";
import { type FileHandle, lstat, open, readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { type Manifest, ManifestError, parseManifest } from "@sigilrt/manifest";
import { ManagerError } from "./manager-error.ts";
import type { Settings } from "./options.ts";
import type { PluginRejection } from "./rejection.ts";

/** A folder that holds a manifest. Nothing of it may run yet. */
export interface FoundFolder extends ReadManifest {
  readonly dir: string;
}

/** A manifest with the bytes it was parsed from. */
export interface ReadManifest {
  readonly manifest: Manifest;
  readonly bytes: Uint8Array;
}

/** A folder that is no plugin, with everything that is wrong with it. */
export interface SkippedFolder {
  /** The folder. */
  readonly dir: string;
  /** Why it was skipped. */
  readonly rejection: PluginRejection;
  /** The same for people. */
  readonly message: string;
}

/** What the first gate found. */
export interface FoundFolders {
  readonly found: readonly FoundFolder[];
  readonly skipped: readonly SkippedFolder[];
}

const MANIFEST = "plugin.yaml";
const MAX_BYTES = 65_536;

/**
 * The first gate: reads `plugin.yaml` of each folder that is named, else of each direct subfolder in the order of their paths. A folder
 * that cannot be read or parsed is skipped with its reason and stops nothing.
 */
export async function findFolders(
  settings: Pick<Settings, "directories" | "folders">,
  signal: AbortSignal | undefined,
): Promise<FoundFolders> {
  const found: FoundFolder[] = [];
  const skipped: SkippedFolder[] = [];
  for (const dir of await candidates(settings)) {
    signal?.throwIfAborted();
    // oxlint-disable-next-line no-await-in-loop -- in order, and abortable between folders
    const read = await readFolder(dir);
    if ("manifest" in read) found.push(read);
    else skipped.push(read);
  }
  return { found, skipped };
}

/** The first gate for one name: every folder that is called so. */
export async function findNamed(
  settings: Pick<Settings, "directories" | "folders">,
  name: string,
): Promise<FoundFolders> {
  const dirs = (await candidates(settings)).filter((dir) => basename(dir) === name);
  const reads = await Promise.all(dirs.map((dir) => readFolder(dir)));
  return {
    found: reads.filter((read) => "manifest" in read),
    skipped: reads.filter((read) => "rejection" in read),
  };
}

async function candidates({
  directories,
  folders,
}: Pick<Settings, "directories" | "folders">): Promise<readonly string[]> {
  if (folders) {
    const paths = folders.map((path) => resolve(path));
    const there = await Promise.all(paths.map((path) => kindOf(path)));
    return paths.filter((_path, index) => there[index] !== "absent");
  }
  const listed = await Promise.all(
    directories.map((path) => resolve(path)).map(async (directory) => listFolders(directory)),
  );
  return listed.flat();
}

/**
 * The manifest of a folder, read without following links and without more bytes than one may have. The same bytes as those of `known`
 * are not parsed again.
 */
export async function readManifest(dir: string, known?: ReadManifest): Promise<ReadManifest> {
  const bytes = await readBounded(join(dir, MANIFEST));
  if (known && Buffer.compare(bytes, known.bytes) === 0) return known;
  return { manifest: parseManifest(bytes), bytes };
}

/** The direct subfolders of a folder, links among them, by name. */
export async function listFolders(directory: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .toSorted((left, right) => Buffer.compare(Buffer.from(left.name), Buffer.from(right.name)))
      .map(({ name }) => join(directory, name));
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return [];
    throw new ManagerError("VERIFICATION_FAILED", `Cannot list "${directory}": ${codeOf(cause)}`, {
      cause,
    });
  }
}

async function kindOf(path: string): Promise<"absent" | "link" | "other"> {
  const stat = await lstat(path).catch(() => undefined);
  if (!stat) return "absent";
  return stat.isSymbolicLink() ? "link" : "other";
}

async function readFolder(dir: string): Promise<FoundFolder | SkippedFolder> {
  const plugin = basename(dir);
  if ((await kindOf(dir)) === "link") {
    const rejection = { kind: "symlink_escape", plugin, path: ".", target: dir } as const;
    return skip(
      dir,
      rejection,
      `Cannot use "${dir}": it is a link; lay the plugin out as a folder`,
    );
  }
  try {
    const { manifest, bytes } = await readManifest(dir);
    if (manifest.name === plugin) return { dir, manifest, bytes };
    const message = `Cannot use "${dir}": its manifest is named "${manifest.name}"; name the folder so`;
    return skip(dir, { kind: "manifest_id_mismatch", dir, id: manifest.name }, message);
  } catch (error) {
    if (error instanceof ManifestError) {
      const rejection = { kind: "schema_violation", plugin, issues: error.issues } as const;
      return skip(dir, rejection, `Cannot use "${join(dir, MANIFEST)}":\n${error.message}`);
    }
    const message = `Cannot read "${join(dir, MANIFEST)}": ${codeOf(error)}`;
    return skip(dir, { kind: "missing_manifest", plugin, dir }, message);
  }
}

const skip = (dir: string, rejection: PluginRejection, message: string): SkippedFolder =>
  Object.freeze({ dir, rejection: Object.freeze(rejection), message });

async function readBounded(path: string): Promise<Uint8Array> {
  // A pipe in place of the manifest would otherwise hold discovery for ever.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle: FileHandle = await open(path, flags);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw Object.assign(new Error(), { code: "not a file" });
    let buffer = Buffer.alloc(Math.min(stat.size, MAX_BYTES) + 1);
    let length = 0;
    for (;;) {
      // It grew since it was opened.
      if (length === buffer.length && length <= MAX_BYTES) {
        buffer = Buffer.concat([buffer], MAX_BYTES + 1);
      }
      // oxlint-disable-next-line no-await-in-loop -- a file is read front to back
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
      if (bytesRead === 0) return buffer.subarray(0, length);
      length += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "unknown failure";
