import { isAbsolute, relative, sep } from "node:path";
import { checkSafePath, parseSafePath, type SafePath } from "@sigilrt/canonical";

/** Why a path has no place below a root. */
interface NoPlace {
  readonly reason: "path_unsafe" | "path_outside_root";
}

/** Brings a path below a root: a relative one as it is, an absolute one when it lies there. Nothing is looked up or repaired. */
export function belowRoot(root: string, path: string): SafePath | NoPlace {
  // Callers without types pass what is no text.
  if (typeof path !== "string") return { reason: "path_unsafe" };
  const inside = isAbsolute(path) ? fromRoot(root, path) : path;
  if (inside === undefined) return { reason: "path_outside_root" };
  return checkSafePath(inside) === undefined ? parseSafePath(inside) : { reason: "path_unsafe" };
}

function fromRoot(root: string, path: string): string | undefined {
  // Not `relative`, which would take "/root/../x" apart before anything was checked.
  const prefix = root.endsWith(sep) ? root : `${root}${sep}`;
  return path.startsWith(prefix) ? path.slice(prefix.length).replaceAll(sep, "/") : undefined;
}

/** Where a real path lies below a real root: `undefined` outside, an empty text for the root itself. */
export function realBelowRoot(root: string, real: string): string | undefined {
  const inside = relative(root, real);
  const outside = inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside);
  return outside ? undefined : inside.replaceAll(sep, "/");
}
