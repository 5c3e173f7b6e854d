import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { SafePath } from "@sigilrt/canonical";
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
import { createDraft } from "./draft.ts";
import type { Envelope } from "./envelope.ts";
import { codeOf, ioError } from "./envelope-error.ts";
import { fileDenial } from "./file-denial.ts";

/**
 * What is to be done with a file: `read`, `write` in place, `append` and `truncate` need one that exists; `create` one that does not;
 * `replace` puts a new one in the place of what is there, if anything is.
 */
export type Access = "read" | "write" | "append" | "truncate" | "create" | "replace";

/** A file to open. */
export interface OpenRequest extends PathRequest {
  /** What for. */
  readonly access: Access;
  /** The mode of a new file, before the process's mask; 0o666. */
  readonly mode?: number;
}

/** An open file that was inside the root, allowed and not protected when it was opened. */
export interface ContainedFile extends AsyncDisposable {
  /** The handle. It is good for the access that was asked for. */
  readonly handle: FileHandle;
  /** Where the file lies below the root, by its real folder. */
  readonly path: SafePath;
  /**
   * Makes a file of `create` or `replace` appear in its place, whole and synced; until then nothing is there. For the other kinds of
   * access there is nothing to do.
   *
   * @throws {@link EnvelopeError} `IO`
   */
  publish(): Promise<{ readonly ok: true } | Refused>;
  /** Closes the handle; a file that was not published is gone. Closing twice is closing once. */
  close(): Promise<void>;
}

/** What became of asking for a file. */
export type OpenOutcome =
  | {
      /** It is open. */
      readonly ok: true;
      /** The file. */
      readonly file: ContainedFile;
    }
  | {
      /** Nothing is open and nothing was changed. */
      readonly ok: false;
      /** Why. */
      readonly reason: OpenDenial;
    };

const flags = {
  read: constants.O_RDONLY,
  write: constants.O_RDWR,
  append: constants.O_RDWR | constants.O_APPEND,
  truncate: constants.O_RDWR,
} as const;
// A pipe without a reader would make the open wait for ever; a link in the last place is no file of the root.
const ALWAYS = constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Opens a file inside an envelope's root and hands out the handle: what was checked is what is used, whoever renames meanwhile.
 * Protected files are refused for reading too, since a handle for reading is enough to change a file's mode and times.
 *
 * @throws {@link EnvelopeError} `IO` when there is no such file or folder, when `create` finds one, or when it cannot be looked at
 */
export async function openContained(
  envelope: Envelope,
  request: OpenRequest,
): Promise<OpenOutcome> {
  const parent = await openParent(envelope, request);
  if (!parent.ok) return parent;
  try {
    const { access, mode = 0o666 } = request;
    if (access === "create" || access === "replace") {
      return await createDraft(envelope, parent, access, mode);
    }
    return await openExisting(parent, access);
  } catch (error) {
    await parent.directory.close();
    throw error;
  }
}

async function openExisting(
  parent: ContainedParent,
  access: Exclude<Access, "create" | "replace">,
): Promise<OpenOutcome> {
  const { directory, path } = parent;
  const opened = await openByHandle(parent, flags[access]);
  await directory.close();
  if ("reason" in opened) return opened;
  try {
    const reason = await handleDenial(parent, opened.handle);
    if (reason !== undefined) {
      await opened.handle.close();
      return refused(reason);
    }
    // Not by a flag of the open: that would empty the file before it was looked at.
    if (access === "truncate") await opened.handle.truncate(0);
  } catch (cause) {
    await opened.handle.close();
    throw ioError(`open "${path}"`, cause);
  }
  return { ok: true, file: existingFile(opened.handle, path) };
}

async function openByHandle(
  parent: ContainedParent,
  access: number,
): Promise<{ readonly handle: FileHandle } | Refused> {
  try {
    return { handle: await open(inParent(parent, parent.name), access | ALWAYS) };
  } catch (cause) {
    const code = codeOf(cause);
    if (code === "ELOOP") return refused("symlink_escape");
    if (code === "ENXIO" || code === "EISDIR" || code === "ENODEV") return refused("special_file");
    throw ioError(`open "${parent.path}"`, cause);
  }
}

async function handleDenial(
  parent: ContainedParent,
  handle: FileHandle,
): Promise<OpenDenial | undefined> {
  const reason = fileDenial(parent.parts, await handle.stat({ bigint: true }));
  if (reason !== undefined) return reason;
  // The folder may have been moved between looking at it and opening the file in it.
  return (await liesAt(handle, join(parent.real, parent.name))) ? undefined : "symlink_escape";
}

function existingFile(handle: FileHandle, path: SafePath): ContainedFile {
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= handle.close());
  return {
    handle,
    path,
    publish: () => Promise.resolve({ ok: true }),
    close,
    [Symbol.asyncDispose]: close,
  };
}
