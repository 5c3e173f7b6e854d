import type { BigIntStats } from "node:fs";
import type { OpenDenial } from "./contained-parent.ts";
import type { EnvelopeParts } from "./envelope.ts";
import { identityOf } from "./identity.ts";

/** Why something that exists is no file to use: protected under another name, no regular file, or known by several names. */
export function fileDenial(
  { protectedObjects }: EnvelopeParts,
  stats: BigIntStats,
): OpenDenial | undefined {
  // A hard link or a bind mount of a protected object has another path and the same identity.
  if (protectedObjects.identities.has(identityOf(stats))) return "protected_path";
  if (stats.isSymbolicLink()) return "symlink_escape";
  if (!stats.isFile()) return "special_file";
  return stats.nlink === 1n ? undefined : "hard_link";
}
