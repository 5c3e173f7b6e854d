import { egressRule, type EgressRule } from "./egress-rules.ts";
import { type Mount } from "./mount.ts";
import { byBytes, isBelow, isOwnData, isWithin, parseGlob, type PathGlob } from "./paths.ts";
import { parsePattern, pathsOf, type Pattern } from "./pattern.ts";
import { quoted } from "./quoted.ts";
import { SandboxError } from "./sandbox-error.ts";

/** The three families of capabilities that are paths, by what they allow. */
export const families = {
  read: ["filesystem", "read"],
  write: ["filesystem", "write"],
  exec: ["exec", "run"],
} as const;

/** What a grant of a path allows. */
export type PathAccess = keyof typeof families;

/** A granted path or tree. */
export interface PathGrant extends PathGlob {
  readonly access: PathAccess;
}

/** What grants say, before denials and folding. */
export interface ReadGrants {
  readonly paths: readonly PathGrant[];
  readonly allPrograms: boolean;
  readonly egress: readonly EgressRule[];
}

const maxGrants = 10_000;

/**
 * Reads the three families out of canonical pattern strings and ignores every other.
 * @throws {SandboxError} POLICY_REFUSED, PATH_REFUSED, HOST_REFUSED, GRANT_TOO_BROAD, GRANT_NOT_EXPRESSIBLE
 */
export function readGrants(grants: readonly string[]): ReadGrants {
  const patterns = readPatterns(grants, "grants");
  const read = patterns.map(readGrant);
  const allPrograms = read.some((grant) => grant.allPrograms);
  const usr: PathGrant = { path: "/usr", tree: true, access: "exec" };
  return {
    paths: [...read.flatMap(({ paths }) => paths), ...(allPrograms ? [usr] : [])],
    allPrograms,
    egress: patterns.flatMap((pattern) => egressRule(pattern, "allow") ?? []),
  };
}

/** Splits pattern strings. @throws {SandboxError} POLICY_REFUSED, HOST_REFUSED */
export function readPatterns(texts: readonly string[], what: string): readonly Pattern[] {
  if (texts.length > maxGrants) {
    throw new SandboxError(
      "POLICY_REFUSED",
      `Cannot read the ${what}: ${texts.length} patterns; at most ${maxGrants} are read`,
    );
  }
  return texts.map(parsePattern);
}

/** Drops duplicates and what a wider grant of at least the same mode covers. The visible paths stay the same. */
export function foldGrants(grants: readonly PathGrant[]): readonly Mount[] {
  const unique = new Map(grants.map((grant) => [key(grant), grant]));
  const candidates = [...unique.values()];
  return candidates
    .filter((grant) => !candidates.some((other) => other !== grant && covers(other, grant)))
    .map(grantMount)
    .toSorted(byPlace);
}

/** Orders mounts so that a folder always precedes what is mounted inside it. */
export function byPlace(left: Mount, right: Mount): number {
  // Two of one place differ in their kind.
  return byBytes(left.target, right.target) || byBytes(left.kind, right.kind);
}

function covers(outer: PathGrant, grant: PathGrant): boolean {
  const isWritable = outer.access === "write";
  if (!isWritable && grant.access === "write") return false;
  if (outer.tree && isBelow(grant.path, outer.path)) return true;
  if (grant.path !== outer.path) return false;
  if (outer.tree !== grant.tree) return outer.tree;
  // Equal ones are a single candidate, so only a writable one stands above a readable one.
  return isWritable && grant.access !== "write";
}

function readGrant(pattern: Pattern): { paths: readonly PathGrant[]; allPrograms: boolean } {
  const paths: PathGrant[] = [];
  for (const access of ["read", "write"] as const) {
    const found = pathsOf(pattern, families[access]);
    if (found === undefined) continue;
    if (found.all) {
      throw new SandboxError(
        "GRANT_TOO_BROAD",
        `Cannot bind the grant ${quoted(pattern.text)}: the root is never bound; name the folders that are needed`,
      );
    }
    paths.push({ ...parseGlob(found.text, "the grant"), access });
  }
  const programs = pathsOf(pattern, families.exec);
  if (programs?.all === false)
    paths.push({ ...parseGlob(programs.text, "the grant"), access: "exec" });
  return {
    // The plugin's own directory is bound without a grant and under this name alone.
    paths: paths.filter(({ path }) => !isOwnData(path)),
    allPrograms: programs?.all === true,
  };
}

function grantMount({ path, tree, access }: PathGrant): Mount {
  return {
    source: path,
    target: path,
    mode: access === "write" ? "rw" : "ro",
    kind: tree ? "directory" : "file",
    origin: "grant",
  };
}

// Reading and running are one mount.
function key({ path, tree, access }: PathGrant): string {
  return `${access === "write" ? "rw" : "ro"} ${tree ? "tree" : "file"} ${path}`;
}

/** Whether two globs have a path in common. */
export function overlaps(left: PathGlob, right: PathGlob): boolean {
  if (left.tree && isBelow(right.path, left.path)) return true;
  if (right.tree && isBelow(left.path, right.path)) return true;
  return left.path === right.path && left.tree === right.tree;
}

/** Whether `outer` holds every path of `inner`. */
export function holds(outer: PathGlob, inner: PathGlob): boolean {
  if (!outer.tree) return !inner.tree && inner.path === outer.path;
  return isBelow(inner.path, outer.path) || (inner.tree && isWithin(inner.path, outer.path));
}
