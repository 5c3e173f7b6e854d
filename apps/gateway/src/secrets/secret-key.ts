import { randomBytes, randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { link, mkdir, open, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { SecretError } from "./secret-error.ts";

const KEY_BYTES = 32;

/**
 * Reads the key that secrets are sealed with.
 *
 * @throws {@link SecretError} for a key that is missing, is a link, belongs to somebody else, or that others can read or write
 */
export async function readSecretKey(path: string): Promise<Buffer> {
  // What is checked is what is read: another file cannot take the name in between, and a link is not followed.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(
    (cause: unknown) => {
      throw refuse(path, stateOf(cause), cause);
    },
  );
  try {
    const found = await file.stat();
    const mode = found.mode & 0o777;
    if (!found.isFile()) throw refuse(path, "it is no file");
    if (found.uid !== process.getuid?.()) throw refuse(path, "it belongs to another user");
    if ((mode & 0o077) !== 0) {
      const remedy = `others may reach it (mode ${mode.toString(8)}); run chmod 600, and set the secrets anew`;
      throw refuse(path, remedy);
    }
    if (found.size !== KEY_BYTES) throw refuse(path, `it is damaged: ${found.size} bytes`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** Reads the key, and makes one when there is none. @throws {@link SecretError} as {@link readSecretKey} */
export async function openSecretKey(path: string): Promise<Buffer> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}`;
  const file = await open(draft, "wx", 0o600);
  try {
    await file.writeFile(randomBytes(KEY_BYTES));
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    // Whole or not at all, and never in place of a key that something is sealed with.
    await link(draft, path).catch((error: unknown) => {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    });
  } finally {
    await unlink(draft);
  }
  return readSecretKey(path);
}

function stateOf(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown failure";
  if (code === "ELOOP") return "it is a link";
  return code === "ENOENT" ? "it is missing; what was sealed with it has to be set anew" : code;
}

const refuse = (path: string, state: string, cause?: unknown): SecretError =>
  new SecretError(`Cannot use the key of secrets "${path}": ${state}`, { cause });
