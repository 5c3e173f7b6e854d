import { chmod, lstat, open, rm } from "node:fs/promises";
import type { DatabaseSync } from "node:sqlite";

/** The name of the index in an audit directory. */
export const INDEX_NAME = "index.db";

/** What the index holds of a record. */
export interface IndexRow {
  readonly segment: number;
  readonly seq: number;
  readonly offset: number;
  readonly length: number;
  readonly hash: string;
}

/** The file says something that no index of ours says; it is made anew. */
export class InconsistentIndex extends Error {
  override readonly name = "InconsistentIndex";
}

const statements = [
  "CREATE TABLE segments (number INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, records INTEGER NOT NULL, head TEXT NOT NULL, last INTEGER NOT NULL) STRICT",
  "CREATE TABLE records (segment INTEGER NOT NULL, seq INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL, hash TEXT NOT NULL, at TEXT NOT NULL, decision TEXT, actor TEXT NOT NULL, plugin TEXT, workspace TEXT, capability TEXT, result TEXT NOT NULL, reason TEXT NOT NULL, action TEXT NOT NULL, trace TEXT, PRIMARY KEY (segment, seq)) STRICT, WITHOUT ROWID",
  "CREATE INDEX by_decision ON records (decision)",
  "CREATE INDEX by_actor ON records (actor)",
  "CREATE INDEX by_plugin ON records (plugin)",
  "CREATE INDEX by_trace ON records (trace)",
];

/** The module, where this Node has it. */
export const sqlite = process.getBuiltinModule("node:sqlite");

/**
 * Opens an index, made with mode 0600 when it is missing. Never waits for another process.
 *
 * @throws {@link InconsistentIndex} for a file that is no index of this version; what SQLite and the file system throw
 */
export async function openIndexDatabase(path: string): Promise<DatabaseSync> {
  const found = await lstat(path).catch(() => undefined);
  // A link would have us write into a file that somebody else chose.
  if (found && !found.isFile()) throw new InconsistentIndex("no regular file");
  const handle = await open(path, "a", 0o600);
  await handle.close();
  await chmod(path, 0o600);
  const database = new sqlite.DatabaseSync(path);
  try {
    database.exec("PRAGMA trusted_schema = OFF; PRAGMA journal_mode = WAL");
    database.exec("PRAGMA synchronous = NORMAL");
    if (schemaOf(database).length === 0) {
      database.exec(`BEGIN IMMEDIATE; ${statements.join("; ")}; COMMIT`);
    }
    checkSchema(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Opens an index that another thread writes. @throws {@link InconsistentIndex} as {@link openIndexDatabase}, or when the file is gone */
export function openIndexReader(path: string): DatabaseSync {
  let database: DatabaseSync;
  try {
    database = new sqlite.DatabaseSync(path, { readOnly: true });
  } catch (cause) {
    throw new InconsistentIndex("its file cannot be opened", { cause });
  }
  try {
    database.exec("PRAGMA trusted_schema = OFF");
    checkSchema(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Refuses a file with other tables. @throws {@link InconsistentIndex} */
export function checkSchema(database: DatabaseSync): void {
  // A forged trigger or view would run with every statement of ours.
  const found = schemaOf(database);
  const isOurs =
    found.length === statements.length &&
    statements.every((statement) => found.includes(statement));
  if (!isOurs) throw new InconsistentIndex("its tables are not those of this version");
}

/** Removes an index with all that SQLite keeps beside it. */
export async function removeIndexDatabase(path: string): Promise<void> {
  await Promise.all(
    ["", "-wal", "-shm", "-journal"].map((suffix) => rm(`${path}${suffix}`, { force: true })),
  );
}

/** Whether an error says that the file is damaged, other than locked or out of room. */
export function isDamage(error: unknown): boolean {
  if (error instanceof InconsistentIndex) return true;
  if (!(error instanceof Error)) return false;
  // A number that no file offset can be.
  if ("code" in error && error.code === "ERR_OUT_OF_RANGE") return true;
  if (!("errcode" in error)) return false;
  const { errcode } = error;
  // SQLITE_ERROR for tables that lack a column, SQLITE_CORRUPT, SQLITE_CONSTRAINT for rows that stand twice, SQLITE_NOTADB.
  return typeof errcode === "number" && [1, 11, 19, 26].includes(errcode & 0xff);
}

/** A row as the file says it. @throws {@link InconsistentIndex} */
export function parseRow(row: Readonly<Record<string, unknown>>): IndexRow {
  const { segment, seq, offset, length, hash } = row;
  if (
    typeof segment !== "number" ||
    typeof seq !== "number" ||
    typeof offset !== "number" ||
    typeof length !== "number" ||
    typeof hash !== "string"
  ) {
    throw new InconsistentIndex("a row of another form");
  }
  return { segment, seq, offset, length, hash };
}

function schemaOf(database: DatabaseSync): readonly unknown[] {
  const rows = database.prepare("SELECT sql FROM sqlite_schema LIMIT 100").all();
  return rows.map(({ sql }) => sql);
}
