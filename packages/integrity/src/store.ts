import { randomUUID } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  writeSync,
} from "node:fs";
import { chmod, mkdir, mkdtemp, open as openFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseSafePath } from "@sigilrt/canonical";
import type { TreeDigest } from "./brands.ts";
import { digestInto, digestTree, type DigestTreeOptions } from "./digest.ts";
import { IntegrityError } from "./integrity-error.ts";
import type { TreeRejection } from "./rejection.ts";
import type { TreeSink } from "./read-tree.ts";

/** A tree that lies in the store, verified when it was asked for. */
export interface StoredTree {
  /** The tree is there. */
  readonly ok: true;
  /** Its identity, and its name in the store. */
  readonly digest: TreeDigest;
  /** Its folder: files 0444, folders 0555. */
  readonly path: string;
  /** The text of its file list. */
  readonly fileList: string;
}

/** A tree was admitted, or why it is refused. */
export type AdmitOutcome =
  | StoredTree
  | {
      /** It is refused; the store is as it was. */
      readonly ok: false;
      /** Why. */
      readonly rejection: TreeRejection;
    };

/** A stored tree was opened, or what was found instead. */
export type OpenOutcome =
  | StoredTree
  | {
      /** It must not run. */
      readonly ok: false;
      /** `damaged`: other bytes than its name says, or no digest at all. */
      readonly reason: "absent" | "damaged";
      /** The digest that was asked for. */
      readonly expected: TreeDigest;
      /** The digest that was found, when there is one. */
      readonly actual?: TreeDigest;
    };

/** Verified trees, named by digest, read-only. */
export interface PluginStore {
  /**
   * Copies a tree in while hashing it: each file is read once, and what was hashed is what is written. Two admissions of one
   * tree meet in one folder.
   *
   * @throws {@link IntegrityError} `IO` when it cannot be read or written to its end (then nothing of it is left), `STORE_CORRUPT`
   * when the store holds other bytes under its name
   */
  admit(root: string, options?: DigestTreeOptions): Promise<AdmitOutcome>;
  /**
   * Hashes a stored tree again before it is used. Time stamps are never evidence.
   *
   * @throws {@link IntegrityError} `IO`
   */
  open(digest: TreeDigest): Promise<OpenOutcome>;
  /**
   * Lets the files at `paths` be run as programs (mode 0555). What is a program is said by the manifest, which the digest covers.
   *
   * @throws {@link IntegrityError} `IO` when there is no such file
   * @throws CanonicalError `UNSAFE_PATH` for a path that could lead out of the tree
   */
  makeExecutable(digest: TreeDigest, paths: readonly string[]): Promise<void>;
}

const ALGORITHM = "tree1-sha256";

/**
 * Opens the store in a folder, made when it is missing with mode 0711: other users may reach a tree whose name they know and
 * may not list the store. What a crashed admission left is removed.
 *
 * @throws {@link IntegrityError} `IO` when the folder cannot be made
 */
export async function openPluginStore(dir: string): Promise<PluginStore> {
  const trees = join(dir, ALGORITHM);
  await attempt("open store", async () => {
    await mkdir(trees, { recursive: true, mode: 0o711 });
    await Promise.all([dir, trees].map((folder) => chmod(folder, 0o711)));
    const drafts = (await readdir(trees)).filter((name) => name.startsWith("."));
    await Promise.all(drafts.map((name) => removeTree(join(trees, name))));
  });
  const place = (digest: TreeDigest): string => join(trees, digest.slice(ALGORITHM.length + 1));

  const openTree = async (digest: TreeDigest): Promise<OpenOutcome> => {
    const path = place(digest);
    if (!exists(path)) return { ok: false, reason: "absent", expected: digest };
    const found = await digestTree(path);
    if (!found.ok) return { ok: false, reason: "damaged", expected: digest };
    return found.digest === digest
      ? { ok: true, digest, path, fileList: found.fileList }
      : { ok: false, reason: "damaged", expected: digest, actual: found.digest };
  };

  /** A tree that was admitted before needs no copy: the stored one is what runs, and it is hashed again. */
  const alreadyStored = async (
    root: string,
    options: DigestTreeOptions,
  ): Promise<AdmitOutcome | undefined> => {
    if ((await readdir(trees)).length === 0) return undefined;
    const outcome = await digestTree(root, options);
    if (!outcome.ok) return outcome;
    return exists(place(outcome.digest)) ? reuse(openTree, outcome.digest) : undefined;
  };

  return {
    open: openTree,
    async admit(root, options = {}) {
      const draft = join(trees, `.${randomUUID()}`);
      const writer = createTreeWriter(draft);
      try {
        const known = await alreadyStored(root, options);
        if (known) return known;
        mkdirSync(draft, { mode: 0o755 });
        const outcome = await digestInto(root, writer, options);
        if (!outcome.ok) return outcome;
        await seal(draft);
        const { digest, fileList } = outcome;
        const path = place(digest);
        const stored: StoredTree = { ok: true, digest, path, fileList };
        return publish(draft, path) ? stored : await reuse(openTree, digest);
      } catch (cause) {
        if (cause instanceof IntegrityError || options.signal?.aborted === true) throw cause;
        throw new IntegrityError("IO", `Cannot admit tree "${root}": ${detail(cause)}`, { cause });
      } finally {
        writer.close();
        await removeTree(draft);
      }
    },
    async makeExecutable(digest, paths) {
      const programs = paths.map((path) => parseSafePath(path));
      await attempt("mark programs", async () => {
        await Promise.all(programs.map((path) => chmod(join(place(digest), path), 0o555)));
      });
    },
  };
}

/**
 * Opens a store in a private folder that is removed when it is disposed of, for a composition that keeps nothing.
 *
 * @throws {@link IntegrityError} `IO` when the folder cannot be made
 */
export async function openTemporaryPluginStore(): Promise<PluginStore & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), "sigil-store-"));
  // Plugins may run as another user, who must be able to reach a tree whose name it was given.
  await chmod(folder, 0o711);
  const store = await openPluginStore(folder);
  return { ...store, [Symbol.asyncDispose]: () => removeTree(folder) };
}

/** Writes the bytes that were hashed, each file into a name that did not exist. */
function createTreeWriter(draft: string): TreeSink & { close(): void } {
  let handle = -1;
  const close = (): void => {
    if (handle >= 0) closeSync(handle);
    handle = -1;
  };
  return {
    close,
    begin(path) {
      const target = join(draft, path);
      mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
      const flags =
        constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
      handle = openSync(target, flags, 0o600);
    },
    chunk(bytes) {
      for (let written = 0; written < bytes.length;) {
        written += writeSync(handle, bytes, written);
      }
    },
    end() {
      fchmodSync(handle, 0o444);
      close();
    },
  };
}

/**
 * Makes folders read-only and all that is in them durable. Entries are synced here, several at a time, and not one by one where they
 * are written: each sync waits for the disk, and those that wait together are served together.
 */
async function seal(folder: string): Promise<void> {
  const paths = [folder];
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) chmodSync(path, 0o555);
    paths.push(path);
  }
  chmodSync(folder, 0o555);
  const next = paths.values();
  await Promise.all(Array.from({ length: SYNCS_AT_ONCE }, () => syncEach(next)));
}

const SYNCS_AT_ONCE = 16;

async function syncEach(paths: Iterable<string>): Promise<void> {
  for (const path of paths) {
    // oxlint-disable-next-line no-await-in-loop -- one of several that share the paths
    const handle = await openFile(path, "r");
    try {
      // oxlint-disable-next-line no-await-in-loop -- as above
      await handle.sync();
    } finally {
      // oxlint-disable-next-line no-await-in-loop -- as above
      await handle.close();
    }
  }
}

/** Gives the draft its name; `false` when the name is taken, which is how two admissions meet. */
function publish(draft: string, path: string): boolean {
  if (exists(path)) return false;
  try {
    renameSync(draft, path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOTEMPTY" || code === "EEXIST") return false;
    throw error;
  }
  const parent = openSync(dirname(path), "r");
  fsyncSync(parent);
  closeSync(parent);
  return true;
}

async function reuse(open: PluginStore["open"], digest: TreeDigest): Promise<StoredTree> {
  const stored = await open(digest);
  if (stored.ok) return stored;
  const message = `Cannot admit tree: the store holds other bytes under ${digest}; remove that folder of the store`;
  throw new IntegrityError("STORE_CORRUPT", message);
}

/** Removes a tree whose folders may be read-only. */
async function removeTree(folder: string): Promise<void> {
  if (!exists(folder)) return;
  const unlock = async (path: string): Promise<void> => {
    chmodSync(path, 0o755);
    for (const entry of await readdir(path, { withFileTypes: true })) {
      // oxlint-disable-next-line no-await-in-loop -- a folder is opened before what is below it
      if (entry.isDirectory()) await unlock(join(path, entry.name));
    }
  };
  await unlock(folder);
  await rm(folder, { recursive: true });
}

const exists = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

async function attempt(verb: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    throw new IntegrityError("IO", `Cannot ${verb}: ${detail(cause)}`, { cause });
  }
}

const detail = (cause: unknown): string =>
  cause instanceof Error && "code" in cause ? String(cause.code) : "unknown failure";
