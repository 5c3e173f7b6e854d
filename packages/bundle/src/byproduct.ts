import { type BundleRejection, refuse } from "./rejection.ts";

const names: ReadonlySet<string> = new Set(["__pycache__", ".pytest_cache", ".git", ".DS_Store"]);
const suffixes: readonly string[] = [".pyc", ".log"];

/**
 * Finds the first path that a build or a test left behind: a segment `__pycache__`, `.pytest_cache`, `.git` or `.DS_Store`, or a
 * name that ends in `.pyc` or `.log`. Whoever means to pack one names it, or a folder above it, in `allow`.
 */
export function findByproduct(
  paths: Iterable<string>,
  allow: readonly string[] = [],
): BundleRejection | undefined {
  for (const path of paths) {
    const segment = byproductIn(path);
    if (segment === undefined) continue;
    const isAllowed = allow.some((allowed) => path === allowed || path.startsWith(`${allowed}/`));
    if (!isAllowed) return refuse({ kind: "byproduct", path, segment }).rejection;
  }
  return undefined;
}

function byproductIn(path: string): string | undefined {
  const segments = path.split("/");
  const name = segments.at(-1);
  return (
    segments.find((segment) => names.has(segment)) ??
    (name !== undefined && suffixes.some((suffix) => name.endsWith(suffix)) ? name : undefined)
  );
}
