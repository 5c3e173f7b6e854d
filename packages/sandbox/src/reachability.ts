import { accessSync, constants, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { type Identity } from "./identity.ts";

const search = 0o1;

/** What an identity needs of a file or folder, as in a mode: 4 read, 2 write, 1 run or search. */
export type Access = number;

/** Answers the folder or the path itself that keeps `identity` out; `undefined` when nothing does. */
export function blockedAt(path: string, needed: Access, identity: Identity): string | undefined {
  const folder = parents(path).find((parent) => !permits(parent, search, identity));
  if (folder !== undefined) return folder;
  return permits(path, needed, identity) ? undefined : path;
}

function parents(path: string): readonly string[] {
  const above = dirname(path);
  return above === path ? [] : [...parents(above), above];
}

function permits(path: string, needed: Access, identity: Identity): boolean {
  if (!identity.changes) return isAccessible(path, needed);
  const { mode, uid, gid }: Stats = statSync(path);
  const shift = uid === identity.uid ? 6 : gid === identity.gid ? 3 : 0;
  return ((mode >> shift) & needed) === needed;
}

function isAccessible(path: string, needed: Access): boolean {
  const wanted =
    ((needed & 4) === 0 ? 0 : constants.R_OK) |
    ((needed & 2) === 0 ? 0 : constants.W_OK) |
    ((needed & 1) === 0 ? 0 : constants.X_OK);
  try {
    accessSync(path, wanted);
    return true;
  } catch {
    return false;
  }
}
