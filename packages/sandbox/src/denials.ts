import {
  families,
  holds,
  overlaps,
  type PathAccess,
  type PathGrant,
  readPatterns,
} from "./grants.ts";
import { type Mask, type Mount } from "./mount.ts";
import { byBytes, isBelow, isOwnData, isWithin, parseGlob, type PathGlob } from "./paths.ts";
import { pathsOf, type Pattern } from "./pattern.ts";
import { quoted } from "./quoted.ts";
import { SandboxError } from "./sandbox-error.ts";

/** A denied path or tree, or everything, of one family. */
export interface PathDenial {
  readonly access: PathAccess;
  /** `undefined` denies every path of the family. */
  readonly glob: PathGlob | undefined;
}

/** What denials leave of the grants. */
export interface DeniedGrants {
  readonly kept: readonly PathGrant[];
  /** Parts of writable grants that may be read and not written. */
  readonly readOnly: readonly Mount[];
  readonly masks: readonly Mask[];
}

/**
 * Reads denied patterns for the grants at hand. A denial that no mask can express and that touches a
 * grant is refused, never dropped.
 * @throws {SandboxError} POLICY_REFUSED, PATH_REFUSED, HOST_REFUSED, GRANT_NOT_EXPRESSIBLE
 */
export function readDenials(
  denials: readonly string[],
  grants: readonly PathGrant[],
): readonly PathDenial[] {
  return readPatterns(denials, "denials").flatMap((pattern) =>
    (["read", "write", "exec"] as const).flatMap((access) => readDenial(pattern, access, grants)),
  );
}

/** Takes denied paths out of grants: whole grants vanish, parts become masks or read-only mounts. */
export function applyDenials(
  grants: readonly PathGrant[],
  denials: readonly PathDenial[],
): DeniedGrants {
  const kept = grants.filter((grant) => !denials.some((denial) => removes(denial, grant)));
  const masks: Mask[] = [];
  const readOnly: Mount[] = [];
  for (const { access, glob } of denials) {
    if (glob === undefined) continue;
    const around = kept.filter(({ path, tree }) => tree && isBelow(glob.path, path));
    const affected = around.filter((grant) => isAffected(access, grant));
    if (affected.length === 0) continue;
    const isWritable = around.some((grant) => grant.access === "write");
    const base = { source: glob.path, target: glob.path };
    if (access === "write") {
      readOnly.push({
        ...base,
        mode: "ro",
        kind: glob.tree ? "directory" : "any",
        origin: "grant",
      });
    } else if (access === "read" || around.every((grant) => grant.access === "exec")) {
      masks.push({ ...base, inside: isWritable ? "rw" : "ro", tree: glob.tree });
    }
  }
  return { kept, readOnly: foldBelow(readOnly), masks: foldBelow(masks) };
}

/** Drops every entry that stands below another or twice, and orders by bytes. */
export function foldBelow<Entry extends { readonly target: string }>(
  entries: readonly Entry[],
): readonly Entry[] {
  const sorted = entries.toSorted((left, right) => byBytes(left.target, right.target));
  const kept: Entry[] = [];
  for (const entry of sorted) {
    if (!kept.some(({ target }) => isWithin(entry.target, target))) kept.push(entry);
  }
  return kept;
}

function readDenial(
  pattern: Pattern,
  access: PathAccess,
  grants: readonly PathGrant[],
): readonly PathDenial[] {
  const found = pathsOf(pattern, families[access]);
  if (found === undefined) return [];
  if (found.all || found.text === "/*") return [{ access, glob: undefined }];
  const inner = found.text.split("/").slice(0, -1).indexOf("*");
  if (inner === -1) {
    const glob = parseGlob(found.text, "the denial");
    return isOwnData(glob.path) ? [] : [{ access, glob }];
  }
  const above = found.text.split("/").slice(0, inner).join("/");
  const widest =
    above === "" ? undefined : { path: parseGlob(above, "the denial").path, tree: true };
  const touched = grants.find(
    (grant) => isAffected(access, grant) && (widest === undefined || overlaps(widest, grant)),
  );
  if (touched === undefined) return [];
  throw new SandboxError(
    "GRANT_NOT_EXPRESSIBLE",
    `Cannot mask the denial ${quoted(pattern.text)} inside the grant ${quoted(touched.path)}: a mask has no star inside; name each folder`,
  );
}

function removes({ access, glob }: PathDenial, grant: PathGrant): boolean {
  return isAffected(access, grant) && (glob === undefined || holds(glob, grant));
}

// A writable mount is readable, so what may not be read may not be written either.
function isAffected(denied: PathAccess, grant: PathGrant): boolean {
  return denied === "read" ? grant.access !== "exec" : grant.access === denied;
}
