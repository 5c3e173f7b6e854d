import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type LockfileOutcome, parseLockfile, type ParseLockfileOptions } from "./lockfile.ts";

const LEGACY_NAME = "PLUGINS.lock";

/**
 * Reads the lock file at `path`, or `PLUGINS.lock` beside it. A lock file that is missing, is no regular file or is a link is
 * `unreadable`; two of them are `ambiguous`.
 */
export async function readLockfile(
  path: string,
  options: ParseLockfileOptions = {},
): Promise<LockfileOutcome> {
  const legacy = join(dirname(path), LEGACY_NAME);
  const [bytes, other] = await Promise.all([
    readPlainFile(path, options.maxBytes),
    basename(path) === LEGACY_NAME ? undefined : readPlainFile(legacy, options.maxBytes),
  ]);
  if (bytes !== undefined && other !== undefined) return unread("ambiguous");
  const found = bytes ?? other;
  return found === undefined ? unread("unreadable") : parseLockfile(found, options);
}

const unread = (reason: "unreadable" | "ambiguous"): LockfileOutcome => ({
  ok: false,
  rejection: Object.freeze({ kind: "lockfile_malformed", reason }),
});

/** The bytes of a regular file, at most one more than allowed, so that the parser sees that it is too large. */
async function readPlainFile(path: string, maxBytes = 65_536): Promise<Uint8Array | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    if (!(await handle.stat()).isFile()) return undefined;
    const buffer = Buffer.alloc(maxBytes + 1);
    let length = 0;
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- a file is read front to back
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
      if (bytesRead === 0) return buffer.subarray(0, length);
      length += bytesRead;
    }
  } finally {
    await handle.close();
  }
}
