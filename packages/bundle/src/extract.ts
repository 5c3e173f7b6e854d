import { randomUUID } from "node:crypto";
import { chmod, lstat, mkdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { formatFileList } from "@sigilrt/canonical";
import { BundleError, codeOf, ioError } from "./bundle-error.ts";
import { FILE_LIST } from "./central-directory.ts";
import { compareTree } from "./compare-tree.ts";
import { inspect, type InspectedBundle, type InspectOptions } from "./inspect.ts";
import { quoted } from "./quoted.ts";
import { type BundleRejection, refuse, type Refused } from "./rejection.ts";
import type { TreeDigest } from "./tree-digest.ts";
import { sync, writeTree } from "./write-tree.ts";

/** What a bundle may and must hold, and how to stop. */
export interface ExtractOptions extends InspectOptions {
  /** Stops between files; nothing is left, and the promise rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** A folder that holds what a bundle holds. */
export interface ExtractedBundle {
  /** The folder, absolute. */
  readonly path: string;
  /** The tree's identity. */
  readonly digest: TreeDigest;
  /** The text of its `manifest.txt`, which stands in the folder too. */
  readonly fileList: string;
}

/** The folder, or why there is none. */
export type ExtractOutcome =
  | (ExtractedBundle & {
      /** The folder holds the tree. */
      readonly ok: true;
    })
  | {
      /** The bundle is refused, and nothing is left of it. */
      readonly ok: false;
      /** Why. */
      readonly rejection: BundleRejection;
    };

/**
 * Inspects an archive as `inspectBundle` does and writes its tree to `target`, whole or not at all. Nothing is written before the
 * verdict. The tree is built in a new folder beside the target, with mode 0700, which the target keeps; it is hashed as it stands
 * there, synced and renamed. Files are 0644, folders 0755: a bundle carries no modes.
 *
 * @throws {@link BundleError} `TARGET_EXISTS` when something stands at `target`; `IO` when its parent is no folder or a link, or
 * when the tree could not be written; and as `inspectBundle`
 */
export async function extractBundle(
  bytes: Uint8Array,
  target: string,
  options: ExtractOptions = {},
): Promise<ExtractOutcome> {
  const bundle = inspect(bytes, options);
  if (!bundle.ok) return bundle;
  const path = resolve(target);
  const draft = join(dirname(path), `.bundle-${randomUUID()}`);
  const { signal } = options;
  try {
    signal?.throwIfAborted();
    await checkPlace(path);
    await mkdir(draft, { mode: 0o700 });
    try {
      await chmod(draft, 0o700);
      return await fill(draft, path, bundle, signal);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  } catch (cause) {
    if (cause instanceof BundleError || signal?.aborted === true) throw cause;
    throw ioError(`extract bundle to ${quoted(target)}`, cause);
  }
}

async function fill(
  draft: string,
  path: string,
  bundle: InspectedBundle,
  signal: AbortSignal | undefined,
): Promise<ExtractOutcome> {
  const { digest, files, rows, fileList } = bundle;
  await writeTree(draft, [{ path: FILE_LIST, content: fileList }, ...files], signal);
  const mismatch = await checkTree(draft, bundle, signal);
  if (mismatch) return mismatch;
  // Between the first look and now someone may have taken the name; an empty folder would be replaced in silence.
  await checkPlace(path);
  await rename(draft, path).catch((cause: unknown) => {
    throw isTaken(cause) ? targetExists(path, cause) : cause;
  });
  await sync(dirname(path));
  return Object.freeze({ ok: true, path, digest, fileList: formatFileList(rows) });
}

async function checkTree(
  draft: string,
  { digest, rows }: InspectedBundle,
  signal: AbortSignal | undefined,
): Promise<Refused | undefined> {
  const expected = expectedFiles(rows, digest);
  const difference = await compareTree(draft, expected, signal);
  return difference && refuse({ kind: "extraction_mismatch", ...difference });
}

/** The hashes of a tree's files; that of the file list is the digest of the tree. */
export function expectedFiles(
  rows: Iterable<{ readonly path: string; readonly sha256: string }>,
  digest: TreeDigest,
): ReadonlyMap<string, string> {
  const hashes = new Map<string, string>([[FILE_LIST, digest.slice(digest.indexOf(":") + 1)]]);
  for (const { path, sha256 } of rows) hashes.set(path, sha256);
  return hashes;
}

async function checkPlace(path: string): Promise<void> {
  const parent = await lstat(dirname(path));
  // Through a link, the tree would land where whoever owns the link wants it.
  if (parent.isSymbolicLink() || !parent.isDirectory()) {
    const what = parent.isSymbolicLink() ? "a link" : "no folder";
    const message = `Cannot extract bundle to ${quoted(path)}: ${quoted(basename(dirname(path)))} is ${what}; name a folder in a real one`;
    throw new BundleError("IO", message);
  }
  const isTakenNow = await lstat(path).then(
    () => true,
    (cause: unknown) => {
      if (codeOf(cause) === "ENOENT") return false;
      throw cause;
    },
  );
  if (isTakenNow) throw targetExists(path);
}

const targetExists = (path: string, cause?: unknown): BundleError =>
  new BundleError(
    "TARGET_EXISTS",
    `Cannot extract bundle to ${quoted(path)}: something stands there; name a folder that does not exist`,
    { cause },
  );

const isTaken = (cause: unknown): boolean => {
  const code = codeOf(cause);
  return code === "ENOTEMPTY" || code === "EEXIST" || code === "ENOTDIR";
};
