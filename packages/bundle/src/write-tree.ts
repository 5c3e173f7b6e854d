import {
  closeSync,
  constants,
  fchmodSync,
  mkdirSync,
  openSync,
  writeSync,
  chmodSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { foldersOf } from "./compare-tree.ts";
import type { BundleFile } from "./inspect.ts";

const YIELD_EVERY = 64;
const SYNCS_AT_ONCE = 16;

/** Writes files into a folder that nobody else may enter. Every file and folder must be new: nothing there is followed or kept. */
export async function writeTree(
  root: string,
  files: readonly BundleFile[],
  signal?: AbortSignal,
): Promise<void> {
  const folders = [...foldersOf(files.map(({ path }) => path))];
  for (const folder of folders) {
    // Parents come before what is in them; a folder that is already there was made by someone else.
    mkdirSync(join(root, folder));
    chmodSync(join(root, folder), 0o755);
  }
  for (const [index, { path, content }] of files.entries()) {
    signal?.throwIfAborted();
    writeFile(join(root, path), content);
    // oxlint-disable-next-line no-await-in-loop -- writes are synchronous, and other work still gets its turn
    if (index % YIELD_EVERY === 0) await setImmediate();
  }
  // Each sync waits for the disk, and those that wait together are served together.
  const paths = [...files.map(({ path }) => path), ...folders, "."].values();
  await Promise.all(Array.from({ length: SYNCS_AT_ONCE }, () => syncEach(root, paths)));
}

/** Makes an entry durable. */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncEach(root: string, paths: Iterable<string>): Promise<void> {
  for (const path of paths) {
    // oxlint-disable-next-line no-await-in-loop -- one of several that share the paths
    await sync(join(root, path));
  }
}

function writeFile(path: string, content: Uint8Array): void {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const handle = openSync(path, flags, 0o600);
  try {
    for (let written = 0; written < content.length;) {
      written += writeSync(handle, content, written);
    }
    // The same on every machine, whatever the umask.
    fchmodSync(handle, 0o644);
  } finally {
    closeSync(handle);
  }
}
