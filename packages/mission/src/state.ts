import { hash } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { canonicalize } from "@sigilrt/canonical";
import { type Envelope, EnvelopeError, openContained, removeContained } from "@sigilrt/envelope";

/** Where the state of paths is read and put back: an operation, decided at a time. */
export interface StateScope {
  readonly envelope: Envelope;
  readonly operation: string;
  readonly now: number;
}

/** A path and the digest of what lies there; `null` for nothing. */
export type StateRow = readonly [path: string, digest: string | null];

const MAX_BYTES = 64 * 1_048_576;

/** Reads what lies at paths. @throws Error for one that is refused, is no file, or is over 64 MiB */
export async function readState(
  scope: StateScope,
  paths: readonly string[],
  keep?: (bytes: Buffer, digest: string) => Promise<void>,
): Promise<readonly StateRow[]> {
  const rows: StateRow[] = [];
  const sorted = [...new Set(paths)].toSorted((left, right) =>
    Buffer.compare(Buffer.from(left), Buffer.from(right)),
  );
  for (const path of sorted) {
    // oxlint-disable-next-line no-await-in-loop -- one file in memory at a time
    const bytes = await readOne(scope, path);
    const digest = bytes === undefined ? null : hash("sha256", bytes);
    // oxlint-disable-next-line no-await-in-loop -- one file in memory at a time
    if (bytes !== undefined && digest !== null) await keep?.(bytes, digest);
    rows.push([path, digest]);
  }
  return rows;
}

/** SHA-256 of rows; unambiguous, whatever the files hold. */
export const stateHashOf = (rows: readonly StateRow[]): string =>
  `sha256:${hash("sha256", canonicalize(rows))}`;

/** Keeps what will have to be put back in `folder`, durably, by its digest. */
export async function takeSnapshot(
  scope: StateScope,
  paths: readonly string[],
  folder: string,
): Promise<readonly StateRow[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return readState(scope, paths, async (bytes, digest) => {
    const draft = join(folder, `${digest}.draft`);
    const handle = await open(draft, "w", 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, join(folder, digest));
  });
}

/** Puts back what a snapshot holds of paths. @throws Error for a path that is refused, or a snapshot that is not what it was */
export async function restoreState(
  scope: StateScope,
  rows: readonly StateRow[],
  folder: string,
): Promise<void> {
  for (const [path, digest] of rows) {
    // oxlint-disable-next-line no-await-in-loop -- one file after the other
    if (digest === null) await removeIfThere(scope, path);
    // oxlint-disable-next-line no-await-in-loop -- one file after the other
    else await writeWhole(scope, path, await snapshotOf(folder, digest));
  }
}

/** Deletes what lies at paths, where something does. */
export async function deleteState(scope: StateScope, paths: readonly string[]): Promise<void> {
  // oxlint-disable-next-line no-await-in-loop -- one file after the other
  for (const path of paths) await removeIfThere(scope, path);
}

/** Puts bytes at a path, whole or not at all. @throws Error when that is refused */
export async function writeWhole(
  { envelope, operation, now }: StateScope,
  path: string,
  bytes: Uint8Array,
): Promise<void> {
  const outcome = await openContained(envelope, { operation, path, now, access: "replace" });
  if (!outcome.ok) throw new Error(`writing "${path}" is refused: ${outcome.reason}`);
  const { file } = outcome;
  try {
    await file.handle.writeFile(bytes);
    const published = await file.publish();
    if (!published.ok) throw new Error(`writing "${path}" is refused: ${published.reason}`);
  } finally {
    await file.close();
  }
}

async function readOne(
  { envelope, operation, now }: StateScope,
  path: string,
): Promise<Buffer | undefined> {
  try {
    const outcome = await openContained(envelope, { operation, path, now, access: "read" });
    if (!outcome.ok) throw new Error(`reading "${path}" is refused: ${outcome.reason}`);
    const { file } = outcome;
    try {
      const { size } = await file.handle.stat();
      if (size > MAX_BYTES) throw new Error(`"${path}" has ${size} bytes, more than ${MAX_BYTES}`);
      return await file.handle.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

async function removeIfThere({ envelope, operation, now }: StateScope, path: string) {
  try {
    const outcome = await removeContained(envelope, { operation, path, now });
    if (!outcome.ok) throw new Error(`deleting "${path}" is refused: ${outcome.reason}`);
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}

async function snapshotOf(folder: string, digest: string): Promise<Buffer> {
  const bytes = await readFile(join(folder, digest));
  if (hash("sha256", bytes) === digest) return bytes;
  throw new Error(`snapshot ${digest} is not what it was`);
}

const isAbsent = (error: unknown): boolean =>
  error instanceof EnvelopeError &&
  error.cause instanceof Error &&
  "code" in error.cause &&
  error.cause.code === "ENOENT";
