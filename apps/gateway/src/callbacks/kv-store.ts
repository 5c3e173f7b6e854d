import { createHash } from "node:crypto";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { KvError } from "./kv-error.ts";

/** One value. */
interface KvValue {
  readonly value: Uint8Array;
  /** Rises with every write of the space, so that a key which was deleted and written anew is seen to be another. */
  readonly version: number;
}

/** The values of one plugin for one scope; nothing of it can be reached from another. */
export interface KvSpace {
  /** @throws {@link KvError} `MALFORMED` */
  get(key: string): KvValue | undefined;
  /**
   * Writes a value whole or not at all. With `expected` only over that version, 0 for a key that is not there; answers the version there is
   * then, and whether it is this value's.
   *
   * @throws {@link KvError} `MALFORMED`, `TOO_LARGE`, `FULL`
   */
  put(
    key: string,
    value: Uint8Array,
    expected?: number,
  ): { readonly stored: boolean; readonly version: number };
  /** Answers whether there was one. @throws {@link KvError} `MALFORMED` */
  delete(key: string): boolean;
  /** Keys below a prefix in the order of their bytes, beyond `after`. @throws {@link KvError} `MALFORMED` */
  list(
    prefix: string,
    options: { readonly after?: string; readonly limit: number },
  ): { readonly keys: readonly string[]; readonly next?: string };
}

/** All spaces of a gateway. */
export interface KvStore extends AsyncDisposable {
  /** @throws Error when the file is no store, or cannot be made: who asks for no space is not stopped by it */
  space(plugin: string, scope: readonly string[]): KvSpace;
}

/** What a space holds at most. */
export interface KvLimits {
  readonly keyBytes: number;
  readonly valueBytes: number;
  /** Keys and values together. */
  readonly spaceBytes: number;
  readonly keys: number;
}

const limitsOfSpace: KvLimits = {
  keyBytes: 1_024,
  valueBytes: 262_144,
  spaceBytes: 16_777_216,
  keys: 10_000,
};
/** Keys of one page. */
const MOST_LISTED = 1_000;
/** All spaces together: 1 GiB in pages of 4 KiB. A disk that others need must not be filled through many people. */
const MOST_PAGES = 262_144;

const schema = `
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA max_page_count = ${MOST_PAGES};
CREATE TABLE IF NOT EXISTS spaces (space BLOB PRIMARY KEY, version INTEGER NOT NULL, bytes INTEGER NOT NULL, keys INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entries (space BLOB NOT NULL, key BLOB NOT NULL, version INTEGER NOT NULL, value BLOB NOT NULL, PRIMARY KEY (space, key)) STRICT;
`;

/**
 * Opens the store in a folder that the gateway alone may enter. Keys are bytes to it: no text of a plugin is ever part of a statement.
 * What was written outlives the process; the last writes before a power cut may be lost, none of them in part. The file is opened with the
 * first space.
 */
export async function openKvStore(
  folder: string,
  limits: Partial<KvLimits> = {},
): Promise<KvStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const path = join(folder, "kv.sqlite");
  let database: DatabaseSync | undefined;
  const close = async (): Promise<void> => {
    if (database?.isOpen === true) database.close();
  };
  return {
    space: (plugin, scope) =>
      spaceOf((database ??= opened(path)), spaceName(plugin, scope), {
        ...limitsOfSpace,
        ...limits,
      }),
    [Symbol.asyncDispose]: close,
  };
}

function opened(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    database.exec(schema);
    return database;
  } catch (cause) {
    database?.close();
    const found = cause instanceof Error ? cause.message : "unknown failure";
    throw new Error(`Cannot open the plugins' store "${path}": ${found}; restore or move it`, {
      cause,
    });
  }
}

/** A digest has one length: no name of a plugin or person can be made to begin another's. */
const spaceName = (plugin: string, scope: readonly string[]): Uint8Array =>
  createHash("sha256")
    .update(JSON.stringify([plugin, ...scope]))
    .digest();

function spaceOf(database: DatabaseSync, space: Uint8Array, limits: KvLimits): KvSpace {
  const keyOf = (key: string): Uint8Array => keyBytes(key, limits);
  const find = (key: Uint8Array): KvValue | undefined => {
    const row = database
      .prepare("SELECT value, version FROM entries WHERE space = ? AND key = ?")
      .get(space, key);
    return row && { value: bytesOf(row["value"]), version: Number(row["version"]) };
  };
  const usage = (): Usage => {
    const row = database
      .prepare("SELECT version, bytes, keys FROM spaces WHERE space = ?")
      .get(space);
    const { version = 0, bytes = 0, keys = 0 } = row ?? {};
    return { version: Number(version), bytes: Number(bytes), keys: Number(keys) };
  };
  const note = ({ version, bytes, keys }: Usage): void => {
    database
      .prepare("INSERT OR REPLACE INTO spaces (space, version, bytes, keys) VALUES (?, ?, ?, ?)")
      .run(space, version, bytes, keys);
  };
  return {
    get: (key) => find(keyOf(key)),
    put(name, value, expected) {
      const key = keyOf(name);
      if (value.byteLength > limits.valueBytes) throw new KvError("TOO_LARGE");
      return whole(database, () => {
        const before = find(key);
        const has = before?.version ?? 0;
        if (expected !== undefined && expected !== has) return { stored: false, version: has };
        const used = usage();
        const freed = before ? key.byteLength + before.value.byteLength : 0;
        const bytes = used.bytes - freed + key.byteLength + value.byteLength;
        const keys = used.keys + (before ? 0 : 1);
        if (bytes > limits.spaceBytes || keys > limits.keys) throw new KvError("FULL");
        const version = used.version + 1;
        database
          .prepare(
            "INSERT OR REPLACE INTO entries (space, key, version, value) VALUES (?, ?, ?, ?)",
          )
          .run(space, key, version, value);
        note({ version, bytes, keys });
        return { stored: true, version };
      });
    },
    delete(name) {
      const key = keyOf(name);
      return whole(database, () => {
        const before = find(key);
        if (!before) return false;
        const { version, bytes, keys } = usage();
        database.prepare("DELETE FROM entries WHERE space = ? AND key = ?").run(space, key);
        note({
          version: version + 1,
          bytes: bytes - key.byteLength - before.value.byteLength,
          keys: keys - 1,
        });
        return true;
      });
    },
    list(prefix, { after, limit }) {
      const first = prefix === "" ? new Uint8Array() : keyOf(prefix);
      const beyond = after === undefined ? new Uint8Array() : keyOf(after);
      const most = Math.min(Math.max(1, limit), MOST_LISTED);
      const rows = database
        .prepare(
          "SELECT key FROM entries WHERE space = ? AND key > ? AND key >= ? AND substr(key, 1, ?) = ? ORDER BY key LIMIT ?",
        )
        .all(space, beyond, first, first.byteLength, first, most + 1);
      const keys = rows.slice(0, most).map((row) => textOf(row["key"]));
      const last = keys.at(-1);
      return rows.length > most && last !== undefined ? { keys, next: last } : { keys };
    },
  };
}

interface Usage {
  readonly version: number;
  readonly bytes: number;
  readonly keys: number;
}

/** Nothing waits inside `work`, so no other write can come between. */
function whole<T>(database: DatabaseSync, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw isFull(error) ? new KvError("FULL", { cause: error }) : error;
  }
}

/** SQLITE_FULL: the pages of all spaces are used up, or the disk is. */
const isFull = (error: unknown): boolean =>
  error instanceof Error && "errcode" in error && error.errcode === 13;

function keyBytes(key: string, limits: KvLimits): Uint8Array {
  // A lone half of a pair is written as another character: two keys would be one.
  if (key === "" || !key.isWellFormed()) throw new KvError("MALFORMED");
  const bytes = new TextEncoder().encode(key);
  if (bytes.byteLength > limits.keyBytes) throw new KvError("MALFORMED");
  return bytes;
}

const bytesOf = (value: unknown): Uint8Array =>
  value instanceof Uint8Array ? value : new Uint8Array();

const textOf = (value: unknown): string => new TextDecoder().decode(bytesOf(value));
