import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { IntegrityError } from "./integrity-error.ts";
import { formatLockfile, type Lockfile } from "./lockfile.ts";

/**
 * Writes a lock file whole or not at all: into `<path>.lock`, which must not exist and so keeps other writers out, synced, then
 * renamed over `path`.
 *
 * @throws {@link IntegrityError} `LOCK_BUSY` when another writer holds `<path>.lock`; `IO` when it cannot be written, and then
 * `path` is as it was
 * @throws TypeError for a lock of version 0
 */
export async function writeLockfile(path: string, lock: Lockfile): Promise<void> {
  const text = formatLockfile(lock);
  const draft = `${path}.lock`;
  const handle = await openDraft(path, draft);
  try {
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(draft, { force: true });
    throw new IntegrityError("IO", `Cannot write lock file "${path}": ${detail(cause)}`, { cause });
  }
}

async function openDraft(path: string, draft: string): Promise<FileHandle> {
  try {
    return await open(draft, "wx", 0o644);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST") {
      const message = `Cannot write lock file "${path}": "${draft}" exists; wait for the other writer, or remove it when there is none`;
      throw new IntegrityError("LOCK_BUSY", message, { cause });
    }
    throw new IntegrityError("IO", `Cannot write lock file "${path}": ${detail(cause)}`, { cause });
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const detail = (cause: unknown): string =>
  cause instanceof Error && "code" in cause ? String(cause.code) : "unknown failure";
