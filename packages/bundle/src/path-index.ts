import { foldKey } from "@sigilrt/canonical";
import type { BundleRejection } from "./rejection.ts";

/** Knows every path of a tree so far. */
export interface PathIndex {
  /** Takes in a file; answers why it cannot stand beside those before it. */
  add(path: string): PathFault | undefined;
}

/** Two paths that cannot stand in one tree. */
export type PathFault = Extract<
  BundleRejection,
  { readonly kind: "duplicate_entry" | "path_collision" }
>;

/** Makes an index without paths. Paths are safe ones. */
export function createPathIndex(): PathIndex {
  const files = new Map<string, string>();
  const folders = new Map<string, string>();
  const paths = new Set<string>();

  return {
    add(path) {
      if (paths.has(path)) return { kind: "duplicate_entry", path };
      paths.add(path);
      const { key, folderKeys } = foldedPath(path);
      let end = 0;
      for (const folderKey of folderKeys) {
        end = path.indexOf("/", end + 1);
        const folder = path.slice(0, end);
        // A file system that folds names would put "A/x" and "a/y" into one folder, and "a" the file in its place.
        const other = files.get(folderKey) ?? folders.get(folderKey);
        if (other === undefined) folders.set(folderKey, folder);
        else if (other !== folder || files.has(folderKey)) return collision(folder, other);
      }
      const other = files.get(key) ?? folders.get(key);
      if (other !== undefined) return collision(path, other);
      files.set(key, path);
      return undefined;
    },
  };
}

/**
 * The fold key of a path and of each folder above it. Folding never crosses a slash, so each segment is folded once, and the
 * folders' keys are slices of the path's: a deep tree costs what its paths are long.
 */
function foldedPath(path: string): {
  readonly key: string;
  readonly folderKeys: readonly string[];
} {
  const segments = path.split("/").map((segment) => foldKey(segment));
  const key = segments.join("/");
  const folderKeys: string[] = [];
  let end = 0;
  for (const segment of segments.slice(0, -1)) {
    end += segment.length;
    folderKeys.push(key.slice(0, end));
    end += 1;
  }
  return { key, folderKeys };
}

const collision = (path: string, other: string): PathFault => ({
  kind: "path_collision",
  path,
  other,
});
