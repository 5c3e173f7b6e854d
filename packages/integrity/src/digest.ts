import { createHash, hash, type Hash } from "node:crypto";
import { formatFileList, type FileListRow } from "@sigilrt/canonical";
import type { TreeDigest } from "./brands.ts";
import type { TreeRejection } from "./rejection.ts";
import { readTree, type TreeSink } from "./read-tree.ts";
import { createTreeIndex, type TreeLimits } from "./tree-index.ts";

/** A file that is held in memory. */
export interface TreeFile {
  /** Its path relative to the root. */
  readonly path: string;
  /** Its bytes. */
  readonly content: Uint8Array;
}

/** How much a tree may hold, and how to stop. */
export interface DigestTreeOptions {
  /** Defaults: 20,000 files, 64 MiB a file, 512 MiB a tree. */
  readonly limits?: Partial<TreeLimits>;
  /** Stops between files; the promise then rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** The digest of a tree with its file list, or why it has none. */
export type TreeOutcome =
  | {
      /** The tree has a digest. */
      readonly ok: true;
      /** Its identity. */
      readonly digest: TreeDigest;
      /** The text of its `manifest.txt`; its SHA-256 is the digest. */
      readonly fileList: string;
      /** How many files it holds, `manifest.txt` apart. */
      readonly files: number;
    }
  | {
      /** The tree is refused. */
      readonly ok: false;
      /** Why. */
      readonly rejection: TreeRejection;
    };

/**
 * Hashes a folder as `tree1-sha256`. Nothing is ignored and nothing is followed; every file is read once, through a handle that
 * is checked before and after.
 *
 * @throws {@link IntegrityError} `IO` when the tree cannot be read to its end
 */
export function digestTree(root: string, options: DigestTreeOptions = {}): Promise<TreeOutcome> {
  return digestInto(root, undefined, options);
}

/** As {@link digestTree}, and hands every byte that was hashed to `sink`, so that what is stored is what was hashed. */
export async function digestInto(
  root: string,
  sink: TreeSink | undefined,
  options: DigestTreeOptions = {},
): Promise<TreeOutcome> {
  const index = createTreeIndex(options.limits);
  const rows: FileListRow[] = [];
  let listed: string | undefined;
  let parts: Hash | undefined;
  let sha256 = EMPTY;
  const rejection = await readTree(root, {
    index,
    signal: options.signal,
    begin(path) {
      parts = undefined;
      sha256 = EMPTY;
      sink?.begin(path);
    },
    chunk(bytes, isWhole) {
      // Most files come in one piece, for which a hash in one step is cheaper.
      if (isWhole) sha256 = hashBytes(bytes);
      else parts = (parts ?? createHash("sha256")).update(bytes);
      sink?.chunk(bytes, isWhole);
    },
    end(path) {
      sha256 = parts?.digest("hex") ?? sha256;
      if (path === "manifest.txt") listed = sha256;
      else rows.push({ path, sha256 });
      sink?.end(path);
    },
  });
  return rejection === undefined ? outcomeOf(rows, listed) : { ok: false, rejection };
}

/** Hashes files in memory as {@link digestTree} hashes a folder. */
export function digestFiles(files: Iterable<TreeFile>): TreeOutcome {
  const index = createTreeIndex();
  const rows: FileListRow[] = [];
  let listed: string | undefined;
  for (const { path, content } of files) {
    const placed = index.addFile(path, content.length);
    if (!placed.ok) return placed;
    const sha256 = hashBytes(content);
    if (placed.path === "manifest.txt") listed = sha256;
    else rows.push({ path: placed.path, sha256 });
  }
  return outcomeOf(rows, listed);
}

/** SHA-256 of a text in UTF-8, 64 lower-case hex digits. */
export function hashText(text: string): string {
  return hash("sha256", text);
}

/** SHA-256 of bytes, 64 lower-case hex digits. */
export function hashBytes(bytes: Uint8Array): string {
  return hash("sha256", bytes);
}

const EMPTY = hash("sha256", "");

function outcomeOf(rows: readonly FileListRow[], listed: string | undefined): TreeOutcome {
  const fileList = formatFileList(rows);
  const sha256 = hashText(fileList);
  if (listed !== undefined && listed !== sha256) {
    const rejection = {
      kind: "file_list_mismatch",
      expected: digestOf(listed),
      actual: digestOf(sha256),
    } as const;
    return { ok: false, rejection: Object.freeze(rejection) };
  }
  return { ok: true, digest: digestOf(sha256), fileList, files: rows.length };
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the maker of the brand
const digestOf = (sha256: string): TreeDigest => `tree1-sha256:${sha256}` as TreeDigest;
