import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, realpath } from "node:fs/promises";
import { dirname, isAbsolute, relative, sep } from "node:path";
import { AuditError } from "./audit-error.ts";

const form = /^[0-9a-f]{64}\n$/u;

/**
 * Opens the key of the tokens; makes one, readable by its owner alone, when there is no file.
 *
 * @throws {@link AuditError} `IO` when the file holds no key, is a link, or can be read by others
 * @throws RangeError for a file in the store's own directory: whoever copies the log would have the key with it
 */
export async function openRedactionKey(path: string, directory: string): Promise<Uint8Array> {
  const folder = await realpath(dirname(path)).catch((cause: unknown) => {
    throw refusal(path, codeOf(cause), cause);
  });
  const fromStore = relative(await realpath(directory), folder);
  const isOutside = fromStore === ".." || fromStore.startsWith(`..${sep}`) || isAbsolute(fromStore);
  if (!isOutside) {
    throw new RangeError(`Cannot use redaction key "${path}": it lies in the folder of the log`);
  }
  const handle = (await create(path)) ?? (await openExisting(path));
  try {
    const stats = await handle.stat();
    if (!stats.isFile() || stats.size !== 65)
      throw refusal(path, "it holds no key of 64 hex digits");
    if ((stats.mode & 0o077) !== 0) throw refusal(path, "others may read it; chmod 600");
    const bytes = Buffer.alloc(65);
    await handle.read(bytes, 0, 65, 0);
    const text = bytes.toString("latin1");
    if (!form.test(text)) throw refusal(path, "it holds no key of 64 hex digits");
    return Buffer.from(text.trimEnd(), "hex");
  } finally {
    await handle.close();
  }
}

async function create(path: string): Promise<FileHandle | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, "wx+", 0o600);
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") return undefined;
    throw refusal(path, codeOf(cause), cause);
  }
  await handle.write(`${randomBytes(32).toString("hex")}\n`, 0);
  await handle.sync();
  return handle;
}

async function openExisting(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    throw refusal(path, codeOf(cause), cause);
  }
}

const refusal = (path: string, state: string, cause?: unknown): AuditError =>
  new AuditError("IO", `Cannot use redaction key "${path}": ${state}`, { cause });

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "unknown failure";
