import { constants } from "node:fs";
import { type FileHandle, lstat, open, readlink, realpath } from "node:fs/promises";
import { join } from "node:path";
import { checkSafePath, parseSafePath, type SafePath } from "@sigilrt/canonical";
import { realBelowRoot } from "./below-root.ts";
import { decide, type EnvelopeDenial, pathDenial } from "./decide.ts";
import { type Envelope, type EnvelopeParts, partsOf } from "./envelope.ts";
import { codeOf, ioError } from "./envelope-error.ts";
import { identityOf } from "./identity.ts";

/** Why a path that is allowed as a text is refused when it is looked at; or why it is not allowed. */
export type OpenDenial = EnvelopeDenial | "symlink_escape" | "special_file" | "hard_link";

/** A refusal. */
export interface Refused {
  /** Nothing was done. */
  readonly ok: false;
  /** Why. */
  readonly reason: OpenDenial;
}

/** One path of an operation, at a time. */
export interface PathRequest {
  /** The operation: its capability. */
  readonly operation: string;
  /** The path, relative to the root, or absolute and inside it. */
  readonly path: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** An open folder that was inside the root and allowed when it was opened. */
export interface ContainedParent {
  readonly ok: true;
  readonly directory: FileHandle;
  /** Where it really lies. */
  readonly real: string;
  /** The last segment of the path. */
  readonly name: string;
  /** The path by its real folder, below the root. */
  readonly path: SafePath;
  readonly parts: EnvelopeParts;
}

const onLinux = process.platform === "linux";
const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NONBLOCK;

export const refused = (reason: OpenDenial): Refused => ({ ok: false, reason });

/**
 * Decides about a path as a text, opens its folder, and decides again about where that really is. The caller closes the folder.
 *
 * @throws EnvelopeError `IO`
 */
export async function openParent(
  envelope: Envelope,
  { operation, path, now }: PathRequest,
): Promise<ContainedParent | Refused> {
  const decision = decide(envelope, { operation, paths: [path], estimateUsd: "0" }, now);
  if (!decision.allowed) return refused(decision.reason);
  const [safe = ""] = decision.paths;
  const cut = safe.lastIndexOf("/");
  const name = safe.slice(cut + 1);
  const asked = cut < 0 ? envelope.root : join(envelope.root, safe.slice(0, cut));

  let directory: FileHandle;
  try {
    directory = await open(asked, DIRECTORY);
  } catch (cause) {
    if (codeOf(cause) === "ELOOP") return refused("symlink_escape");
    throw ioError(`open the folder of "${safe}"`, cause);
  }
  try {
    const answer = await judgeParent(envelope, directory, asked, name);
    if (!answer.ok) await directory.close();
    return answer;
  } catch (cause) {
    await directory.close();
    throw ioError(`look at the folder of "${safe}"`, cause);
  }
}

async function judgeParent(
  envelope: Envelope,
  directory: FileHandle,
  asked: string,
  name: string,
): Promise<ContainedParent | Refused> {
  const parts = partsOf(envelope);
  const stats = await directory.stat({ bigint: true });
  if (parts.protectedObjects.identities.has(identityOf(stats))) return refused("protected_path");
  const real = onLinux ? await pathOfHandle(directory) : await realpath(asked);
  if (!onLinux && identityOf(await lstat(real, { bigint: true })) !== identityOf(stats)) {
    return refused("symlink_escape");
  }
  const inside = realBelowRoot(envelope.root, real);
  // A link, or a folder that was moved meanwhile, leads out of the root.
  if (inside === undefined) return refused("symlink_escape");
  const resolved = inside === "" ? name : `${inside}/${name}`;
  if (checkSafePath(resolved) !== undefined) return refused("path_unsafe");
  const path = parseSafePath(resolved);
  // A link inside the root may lead to what is protected, denied or not allowed.
  const reason = pathDenial(parts, path);
  return reason === undefined ? { ok: true, directory, real, name, path, parts } : refused(reason);
}

/**
 * A path of `name` in an open folder. On Linux it goes by the handle, so that nobody can put another folder in its place; elsewhere
 * by the folder's path.
 */
export const inParent = (
  { directory, real }: Pick<ContainedParent, "directory" | "real">,
  name: string,
): string => (onLinux ? `/proc/self/fd/${directory.fd}/${name}` : join(real, name));

/** Whether a handle still is what lies at a path. Without Linux there is no way to ask, and the answer is yes. */
export async function liesAt(handle: FileHandle, path: string): Promise<boolean> {
  return !onLinux || (await pathOfHandle(handle)) === path;
}

const pathOfHandle = ({ fd }: FileHandle): Promise<string> => readlink(`/proc/self/fd/${fd}`);
