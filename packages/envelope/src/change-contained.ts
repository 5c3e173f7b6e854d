import { lstat, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import {
  type ContainedParent,
  inParent,
  liesAt,
  type OpenDenial,
  openParent,
  type PathRequest,
  type Refused,
  refused,
} from "./contained-parent.ts";
import type { Envelope } from "./envelope.ts";
import { codeOf, EnvelopeError, ioError } from "./envelope-error.ts";
import { fileDenial } from "./file-denial.ts";

/** What became of a change. */
export type ChangeOutcome =
  | {
      /** It is done. */
      readonly ok: true;
    }
  | {
      /** Nothing was changed. */
      readonly ok: false;
      /** Why. */
      readonly reason: OpenDenial;
    };

/** A file that is to get another name. */
export interface RenameRequest extends PathRequest {
  /** The new name: a path as `path` is. Nothing may be there. */
  readonly to: string;
}

/**
 * Deletes a file inside an envelope's root. Folders are refused, and with them every folder above something protected.
 *
 * @throws {@link EnvelopeError} `IO` when there is none, or it cannot be looked at
 */
export function removeContained(envelope: Envelope, request: PathRequest): Promise<ChangeOutcome> {
  return withParent(envelope, request, async (parent) => {
    const reason = await placeDenial(parent);
    if (reason !== undefined) return refused(reason);
    await unlink(inParent(parent, parent.name));
    return { ok: true };
  });
}

/**
 * Renames a file inside an envelope's root; both names are decided about. Folders are refused, since all they hold would move unseen.
 *
 * @throws {@link EnvelopeError} `IO` when there is none, when the new name is taken, or when one cannot be looked at
 */
export function renameContained(
  envelope: Envelope,
  { operation, path, to, now }: RenameRequest,
): Promise<ChangeOutcome> {
  return withParent(envelope, { operation, path, now }, (from) =>
    withParent(envelope, { operation, path: to, now }, async (target) => {
      const reason = await placeDenial(from);
      if (reason !== undefined) return refused(reason);
      await refuseOccupied(target);
      for (const { directory, real } of [from, target]) {
        // oxlint-disable-next-line no-await-in-loop -- two folders
        if (!(await liesAt(directory, real))) return refused("symlink_escape");
      }
      await rename(inParent(from, from.name), inParent(target, target.name));
      return { ok: true };
    }),
  );
}

async function withParent(
  envelope: Envelope,
  request: PathRequest,
  change: (parent: ContainedParent) => Promise<{ readonly ok: true } | Refused>,
): Promise<ChangeOutcome> {
  const parent = await openParent(envelope, request);
  if (!parent.ok) return parent;
  try {
    return await change(parent);
  } catch (cause) {
    if (cause instanceof EnvelopeError) throw cause;
    throw ioError(`change "${parent.path}"`, cause);
  } finally {
    await parent.directory.close();
  }
}

async function placeDenial(parent: ContainedParent): Promise<OpenDenial | undefined> {
  const { directory, real, parts, name } = parent;
  const reason = fileDenial(parts, await lstat(inParent(parent, name), { bigint: true }));
  if (reason !== undefined) return reason;
  return (await liesAt(directory, real)) ? undefined : "symlink_escape";
}

async function refuseOccupied(parent: ContainedParent): Promise<void> {
  const { real, name, path } = parent;
  try {
    await lstat(inParent(parent, name));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  throw new EnvelopeError("IO", `Cannot rename to "${path}": "${join(real, name)}" exists`);
}
