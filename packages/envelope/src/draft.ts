import { constants } from "node:fs";
import { type FileHandle, lstat, mkdtemp, open, rename, rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import {
  type ContainedParent,
  inParent,
  liesAt,
  type OpenDenial,
  type Refused,
  refused,
} from "./contained-parent.ts";
import type { Envelope } from "./envelope.ts";
import { codeOf, EnvelopeError, ioError } from "./envelope-error.ts";
import { fileDenial } from "./file-denial.ts";
import { identityOf } from "./identity.ts";
import type { ContainedFile, OpenOutcome } from "./open-contained.ts";

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const NEW = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** A file that is written in a private folder of the root, before it takes its place. */
interface Draft {
  readonly parent: ContainedParent;
  readonly access: "create" | "replace";
  readonly handle: FileHandle;
  readonly folder: PrivateFolder;
}

/** A folder that is used by its handle: another one put in its place gets nothing, and gives nothing. */
interface PrivateFolder {
  readonly directory: FileHandle;
  readonly real: string;
}

/** Opens a new file in a private folder. The parent's handle is the file's from then on. */
export async function createDraft(
  envelope: Envelope,
  parent: ContainedParent,
  access: "create" | "replace",
  mode: number,
): Promise<OpenOutcome> {
  const reason = await occupantDenial(parent, access);
  if (reason !== undefined) {
    await parent.directory.close();
    return refused(reason);
  }
  try {
    const folder = await makeFolder(envelope.root);
    try {
      const handle = await open(inParent(folder, "new"), NEW, mode);
      return { ok: true, file: draftFile({ parent, access, handle, folder }) };
    } catch (error) {
      await removeFolder(folder);
      throw error;
    }
  } catch (cause) {
    throw ioError(`create "${parent.path}"`, cause);
  }
}

async function makeFolder(root: string): Promise<PrivateFolder> {
  const real = await mkdtemp(join(root, ".sigil-draft-"));
  return { directory: await open(real, FOLDER), real };
}

async function removeFolder(folder: PrivateFolder): Promise<void> {
  // Gone when it was published.
  await unlink(inParent(folder, "new")).catch(() => undefined);
  await folder.directory.close();
  await rmdir(folder.real).catch(() => undefined);
}

function draftFile(draft: Draft): ContainedFile {
  const { parent, handle, folder } = draft;
  let publishing: Promise<{ readonly ok: true } | Refused> | undefined;
  let closing: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    await handle.close();
    await parent.directory.close();
    await removeFolder(folder);
  };
  const close = (): Promise<void> => (closing ??= closeAll());
  return {
    handle,
    path: parent.path,
    publish: () => (publishing ??= publish(draft)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function publish(draft: Draft): Promise<{ readonly ok: true } | Refused> {
  const { parent, access, handle, folder } = draft;
  const { directory, real, name, path } = parent;
  const reason = await occupantDenial(parent, access);
  if (reason !== undefined) return refused(reason);
  try {
    await handle.sync();
    // The folder was opened a while ago: a file must not follow it out of the root.
    if (!(await liesAt(directory, real))) return refused("symlink_escape");
    await rename(inParent(folder, "new"), inParent(parent, name));
    if (await liesAt(handle, join(real, name))) {
      await directory.sync();
      return { ok: true };
    }
    await takeBack(draft);
    return refused("symlink_escape");
  } catch (cause) {
    throw ioError(`put "${path}" in its place`, cause);
  }
}

/** Removes what went to a folder that was moved at the last moment. */
async function takeBack({ parent, handle }: Draft): Promise<void> {
  const place = inParent(parent, parent.name);
  const there = await lstat(place, { bigint: true }).catch(() => undefined);
  const own = identityOf(await handle.stat({ bigint: true }));
  if (there !== undefined && identityOf(there) === own) await unlink(place);
}

/** Why what lies in the place of a new file keeps it from there. */
async function occupantDenial(
  parent: ContainedParent,
  access: "create" | "replace",
): Promise<OpenDenial | undefined> {
  const attempt = `create "${parent.path}"`;
  let stats;
  try {
    stats = await lstat(inParent(parent, parent.name), { bigint: true });
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return undefined;
    throw ioError(attempt, cause);
  }
  const reason = fileDenial(parent.parts, stats);
  if (reason !== undefined) return reason;
  if (access === "replace") return undefined;
  throw new EnvelopeError("IO", `Cannot ${attempt}: there is a file already`);
}
