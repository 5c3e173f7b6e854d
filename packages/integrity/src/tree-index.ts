import { checkSafePath, foldKey, parseSafePath, type SafePath } from "@sigilrt/canonical";
import type { TreeLimitName, TreeRejection } from "./rejection.ts";

/** How much a tree may hold. */
export interface TreeLimits {
  /** Files in all. */
  readonly files: number;
  /** Bytes of one file. */
  readonly fileBytes: number;
  /** Bytes of all files together. */
  readonly treeBytes: number;
}

/** What holds unless told otherwise. */
const TREE_LIMITS: TreeLimits = Object.freeze({
  files: 20_000,
  fileBytes: 64 * 1_048_576,
  treeBytes: 512 * 1_048_576,
});

type Placed = { readonly ok: true; readonly path: SafePath } | Refused;
type Refused = { readonly ok: false; readonly rejection: TreeRejection };

/** Knows every path of a tree so far and refuses one that cannot stand beside them. */
export interface TreeIndex {
  /** Takes in a folder. */
  addFolder(path: string): Placed;
  /** Takes in a file and the folders above it. */
  addFile(path: string, bytes: number): Placed;
}

const fileList = "manifest.txt";

/** Makes an index without paths. */
export function createTreeIndex(limits: Partial<TreeLimits> = {}): TreeIndex {
  const { files, fileBytes, treeBytes } = { ...TREE_LIMITS, ...limits };
  // The name of the file list is taken in every tree, whether or not it holds one.
  const kinds = new Map<string, { readonly path: string; readonly folder: boolean }>([
    [fileList, { path: fileList, folder: false }],
  ]);
  let count = 0;
  let total = 0;
  let hasFileList = false;

  const place = (path: SafePath, folder: boolean): Refused | undefined => {
    const key = foldKey(path);
    const known = kinds.get(key);
    if (known === undefined) {
      kinds.set(key, { path, folder });
      return undefined;
    }
    if (known.path === path && known.folder && folder) return undefined;
    if (path === fileList && !folder && !hasFileList) {
      hasFileList = true;
      return undefined;
    }
    return refused({ kind: "path_collision", path, other: known.path });
  };

  const add = (path: string, folder: boolean): Placed => {
    const reason = checkSafePath(path);
    if (reason !== undefined) return refused({ kind: "path_unsafe", path, reason });
    const safe = parseSafePath(path);
    for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
      const collision = place(parseSafePath(path.slice(0, slash)), true);
      if (collision) return collision;
    }
    return place(safe, folder) ?? { ok: true, path: safe };
  };

  return {
    addFolder: (path) => add(path, true),
    addFile(path, bytes) {
      const placed = add(path, false);
      if (!placed.ok) return placed;
      count += 1;
      total += bytes;
      if (count > files) return over("files", path);
      if (bytes > fileBytes) return over("fileBytes", path);
      return total > treeBytes ? over("treeBytes", path) : placed;
    },
  };
}

const over = (limit: TreeLimitName, path: string): Refused =>
  refused({ kind: "tree_limit", limit, path });

const refused = (rejection: TreeRejection): Refused => ({
  ok: false,
  rejection: Object.freeze(rejection),
});
