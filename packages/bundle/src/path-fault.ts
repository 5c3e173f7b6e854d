import { foldKey } from "@sigilrt/canonical";
import type { BundleRejection } from "./rejection.ts";

/** Two paths that cannot stand in one tree. */
export type PathFault = Extract<
  BundleRejection,
  { readonly kind: "duplicate_entry" | "path_collision" }
>;

/**
 * Finds the first of several safe paths that cannot stand beside those before it: it stands twice, it or a folder of it has the fold
 * key of another, or it is file and folder in one. A tree may have half a million folders, so they are never all held at once: in
 * the order of their keys, those that could collide lie side by side.
 */
export function findPathFault(paths: readonly string[]): PathFault | undefined {
  const sorted = paths
    .map((path, at): KeyedPath => ({ path, at, key: keyOf(path) }))
    .toSorted((left, right) => (left.key < right.key ? -1 : Number(left.key > right.key)));
  if (!hasFault(sorted, paths.length)) return undefined;

  // The fewest paths from the first one on that already hold a fault.
  let [fewest, most] = [1, paths.length];
  while (fewest < most) {
    const middle = (fewest + most) >> 1;
    if (hasFault(sorted, middle)) most = middle;
    else fewest = middle + 1;
  }
  return faultOf(paths[most - 1] ?? "", paths.slice(0, most - 1));
}

interface KeyedPath {
  readonly path: string;
  readonly at: number;
  /** The fold keys of its segments. */
  readonly key: string;
}

/** A path or a folder of it. */
interface Place {
  readonly path: string;
  readonly isFile: boolean;
}

// No safe path holds it, and it sorts before everything: what is in a folder follows the folder's own key directly.
const SEPARATOR = "\0";

/** Folding never crosses a slash, and it may make one, as it does of U+FF0F. `join` answers a flat string; replacing leaves a rope. */
const keyOf = (path: string): string => foldKey(path).split("/").join(SEPARATOR);

/** Answers whether the first `count` of the paths that were given hold a fault. */
function hasFault(sorted: readonly KeyedPath[], count: number): boolean {
  let before: readonly string[] = [];
  const open: (Place | undefined)[] = [];
  for (const { path, at, key } of sorted) {
    if (at >= count) continue;
    const segments = key.split(SEPARATOR);
    open.length = commonLength(before, segments);
    for (const [depth, place] of placesOf(path, segments.length).entries()) {
      const known = open[depth];
      if (known && place && collide(known, place)) return true;
      open[depth] = known ?? place;
    }
    before = segments;
  }
  return false;
}

// A file system that folds names would put "A/x" and "a/y" into one folder, and a file "a" in its place.
const collide = (left: Place, right: Place): boolean =>
  left.isFile || right.isFile || left.path !== right.path;

/** The folders of a path and the path, each at the depth of its key; a depth that only folding made has none. */
function placesOf(path: string, depth: number): readonly (Place | undefined)[] {
  const segments = path.split("/");
  const places: (Place | undefined)[] = [];
  let end = -1;
  for (const segment of segments) {
    end += segment.length + 1;
    if (segments.length < depth) {
      const made = foldKey(segment).split("/").length - 1;
      for (let left = made; left > 0; left -= 1) places.push(undefined);
    }
    places.push({ path: path.slice(0, end), isFile: end === path.length });
  }
  return places;
}

function commonLength(left: readonly string[], right: readonly string[]): number {
  const differs = left.findIndex((segment, depth) => segment !== right[depth]);
  return differs === -1 ? left.length : differs;
}

function faultOf(path: string, earlier: readonly string[]): PathFault {
  if (earlier.includes(path)) return { kind: "duplicate_entry", path };
  const segments = keyOf(path).split(SEPARATOR);
  const places = placesOf(path, segments.length);
  let shallowest = places.length;
  let fault: PathFault | undefined;
  for (const other of earlier) {
    const theirSegments = keyOf(other).split(SEPARATOR);
    const common = commonLength(theirSegments, segments);
    const theirs = placesOf(other, theirSegments.length).slice(0, common);
    const depth = theirs.findIndex((place, at) => {
      const ours = places[at];
      return place && ours && collide(place, ours);
    });
    const [mine, their] = [places[depth], theirs[depth]];
    if (depth >= 0 && depth < shallowest && mine && their) {
      shallowest = depth;
      fault = { kind: "path_collision", path: mine.path, other: their.path };
    }
  }
  if (fault === undefined) throw new Error("a path collides with none of those before it");
  return fault;
}
