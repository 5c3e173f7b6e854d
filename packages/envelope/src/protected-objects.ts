import type { BigIntStats } from "node:fs";
import { lstat, readdir, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join } from "node:path";
import { codeOf, EnvelopeError, ioError } from "./envelope-error.ts";
import { identityOf } from "./identity.ts";

/** What no run may change: real paths, and what lies there by device and inode. */
export interface ProtectedObjects {
  /** Absolute paths; whatever lies below one is protected with it. */
  readonly paths: readonly string[];
  /** Device and inode of each, and of everything that lay below it. */
  readonly identities: ReadonlySet<string>;
}

/** How far {@link protectObjects} looks. */
export interface ProtectOptions {
  /** Files and folders at most, together; 200,000. More is an error: a part that is not protected would not show. */
  readonly maxObjects?: number;
}

const AT_ONCE = 64;

/** A path and where it leads, with everything on the way. */
interface Found {
  readonly paths: Set<string>;
  readonly identities: Set<string>;
  readonly maxObjects: number;
}

/**
 * Looks at what is to be protected, whole trees with it. A path that does not exist is protected as a path, so that nobody can put
 * something there; of a link both the link and what it leads to.
 *
 * @throws {@link EnvelopeError} `IO` for what cannot be looked at, or when there is more than `maxObjects`
 * @throws TypeError for a relative path
 */
export async function protectObjects(
  paths: readonly string[],
  { maxObjects = 200_000 }: ProtectOptions = {},
): Promise<ProtectedObjects> {
  const found: Found = { paths: new Set(), identities: new Set(), maxObjects };
  for (const path of paths) {
    if (!isAbsolute(path)) throw new TypeError(`Cannot protect "${path}": it is not absolute`);
    // oxlint-disable-next-line no-await-in-loop -- trees are read one after the other: open folders stay few
    await protect(path, found);
  }
  return Object.freeze({ paths: [...found.paths], identities: found.identities });
}

async function protect(path: string, found: Found): Promise<void> {
  // The folder's own name may be a link: what counts is where the object lies.
  const place = join(await realOrSelf(dirname(path)), basename(path));
  found.paths.add(place);
  await walk(place, found);
  const target = await realOrSelf(place);
  if (target === place) return;
  found.paths.add(target);
  await walk(target, found);
}

async function walk(path: string, found: Found): Promise<void> {
  let waiting = [path];
  while (waiting.length > 0) {
    const some = waiting.splice(-AT_ONCE);
    // oxlint-disable-next-line no-await-in-loop -- some at a time
    const below = await Promise.all(some.map((at) => take(at, path, found)));
    waiting = waiting.concat(...below);
  }
}

/** Takes one object in; answers what lies directly below it. */
async function take(at: string, path: string, found: Found): Promise<readonly string[]> {
  const stats = await look(at);
  if (stats === undefined) return [];
  found.identities.add(identityOf(stats));
  if (found.identities.size > found.maxObjects) {
    const state = `more than ${found.maxObjects} files and folders`;
    throw new EnvelopeError("IO", `Cannot protect "${path}": ${state}`);
  }
  return stats.isDirectory() ? (await namesIn(at)).map((name) => join(at, name)) : [];
}

async function look(path: string): Promise<BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw ioError(`look at "${path}", which is to be protected`, error);
  }
}

async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw ioError(`list "${path}", which is to be protected`, error);
  }
}

async function realOrSelf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (!isAbsent(error)) throw ioError(`resolve "${path}", which is to be protected`, error);
  }
  // The nearest folder that exists may be reached by a link all the same.
  const above = dirname(path);
  return above === path ? path : join(await realOrSelf(above), basename(path));
}

const isAbsent = (error: unknown): boolean => ["ENOENT", "ENOTDIR"].includes(codeOf(error));
