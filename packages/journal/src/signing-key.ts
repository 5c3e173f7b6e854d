import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { type CheckpointSigner, createCheckpointSigner } from "./checkpoint.ts";
import { JournalError } from "./journal-error.ts";

const MAX_BYTES = 4_096;

/**
 * Opens the signing key in a file, PKCS #8 in PEM; makes one, readable by its owner alone, when there is no file.
 *
 * @throws {@link JournalError} `IO` when the file is no Ed25519 key, is a link, or can be read by others: whoever has read it can
 * sign another history
 */
export async function openSigningKey(path: string, name: string): Promise<CheckpointSigner> {
  const handle = (await create(path)) ?? (await openExisting(path));
  try {
    const { mode, size } = await handle.stat();
    if ((mode & 0o077) !== 0)
      throw refusal(path, "others may read it; make a new one, then chmod 600");
    if (size > MAX_BYTES) throw refusal(path, "too large for a key");
    const text = await handle.readFile("utf8");
    return createCheckpointSigner(name, createPrivateKey(text));
  } catch (cause) {
    throw cause instanceof JournalError ? cause : refusal(path, "it holds no Ed25519 key", cause);
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
  const { privateKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  await handle.write(pem, 0);
  await handle.sync();
  return handle;
}

async function openExisting(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (cause) {
    throw refusal(path, codeOf(cause), cause);
  }
}

const refusal = (path: string, state: string, cause?: unknown): JournalError =>
  new JournalError("IO", `Cannot use signing key "${path}": ${state}`, { cause });

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "unknown failure";
