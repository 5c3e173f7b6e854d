import { createHash, type Hash } from "node:crypto";
import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
} from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { codeOf } from "./bundle-error.ts";
import type { TreeDifference } from "./rejection.ts";

const SLICE = 1_048_576;
const YIELD_EVERY = 64;

/**
 * Finds the first path at which a folder is not exactly the files of a list: other bytes, a file that is missing, or anything that
 * is there besides, be it an empty folder. Follows nothing.
 *
 * @throws the file system's error when the folder cannot be read
 */
export async function compareTree(
  root: string,
  files: ReadonlyMap<string, string>,
  signal?: AbortSignal,
): Promise<TreeDifference | undefined> {
  const folders = foldersOf(files.keys());
  const missing = new Set(files.keys());
  const buffer = Buffer.allocUnsafe(SLICE);
  let count = 0;
  for (const { path, entry } of walk(root, "", folders)) {
    signal?.throwIfAborted();
    if (entry.isDirectory() && folders.has(path)) continue;
    const expected = files.get(path);
    if (expected === undefined || !missing.delete(path)) return { path, change: "added" };
    if (!entry.isFile() || hashFile(join(root, path), buffer) !== expected) {
      return { path, change: "changed" };
    }
    count += 1;
    // Reads are synchronous, which is faster; other work still gets its turn.
    // oxlint-disable-next-line no-await-in-loop -- see above
    if (count % YIELD_EVERY === 0) await setImmediate();
  }
  const [path] = missing;
  return path === undefined ? undefined : { path, change: "missing" };
}

/** Every folder that paths stand in. */
export function foldersOf(paths: Iterable<string>): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const path of paths) {
    let end = path.indexOf("/");
    for (; end >= 0; end = path.indexOf("/", end + 1)) folders.add(path.slice(0, end));
  }
  return folders;
}

/** What a folder holds, in byte order of the names; only folders that are expected are entered. */
function* walk(
  root: string,
  folder: string,
  expected: ReadonlySet<string>,
): Generator<{ readonly path: string; readonly entry: Dirent }> {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  for (const entry of entries.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    yield { path, entry };
    if (entry.isDirectory() && expected.has(path)) yield* walk(root, path, expected);
  }
}

/** SHA-256 of a regular file; `undefined` for what took its place since the folder was listed. */
function hashFile(path: string, buffer: Buffer): string | undefined {
  // A link or pipe that took the file's place is neither followed nor waited for.
  const handle = openUnlessReplaced(path);
  if (handle === undefined) return undefined;
  try {
    if (!fstatSync(handle).isFile()) return undefined;
    const hash = createHash("sha256");
    updateToEnd(hash, handle, buffer);
    return hash.digest("hex");
  } finally {
    closeSync(handle);
  }
}

function updateToEnd(hash: Hash, handle: number, buffer: Buffer): void {
  for (;;) {
    const read = readSync(handle, buffer, 0, buffer.length, null);
    if (read === 0) return;
    hash.update(buffer.subarray(0, read));
  }
}

function openUnlessReplaced(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ELOOP" || code === "ENOENT" || code === "ENXIO") return undefined;
    throw error;
  }
}
