import { copyFile, mkdtemp, rm, stat } from "node:fs/promises";
import type { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AuditError } from "./audit-error.ts";
import { checkSchema, INDEX_NAME, isDamage, sqlite } from "./index-database.ts";
import { readSegment } from "./read-segment.ts";
import { recordOf } from "./record-body.ts";
import { listSegments } from "./segment.ts";

/** What an index does wrong. */
export interface IndexFault {
  readonly kind: "index_unreadable" | "index_row_hidden" | "index_row_forged";
  readonly segment?: string;
  readonly line?: number;
}

/**
 * Holds an index against the journal, as far as the index says it has come. While a store has it open, it is read in one transaction, so
 * that what is written meanwhile does not count; otherwise from a copy elsewhere, so that nothing is written into the directory.
 *
 * @throws {@link AuditError} `IO` without an index or without `node:sqlite`; that is no verdict
 */
export async function verifyIndex(directory: string): Promise<IndexFault | undefined> {
  if (!sqlite) throw new AuditError("IO", "Cannot verify the index: this Node has no node:sqlite");
  const path = join(directory, INDEX_NAME);
  try {
    const isOpen = await stat(`${path}-shm`).then(
      () => true,
      () => false,
    );
    const answer = isOpen ? await compareInPlace(path, directory) : "unreadable";
    return answer === "unreadable" ? await compareCopy(path, directory) : answer;
  } catch (error) {
    if (isDamage(error)) return { kind: "index_unreadable" };
    throw error;
  }
}

async function compareInPlace(
  path: string,
  directory: string,
): Promise<IndexFault | undefined | "unreadable"> {
  let database: DatabaseSync;
  try {
    database = new sqlite.DatabaseSync(path, { readOnly: true });
    database.exec("BEGIN");
    // The first look fixes what the transaction sees.
    database.prepare("SELECT count(*) FROM segments").get();
  } catch (error) {
    // What a crash left beside the file of a folder that cannot be written.
    if (isDamage(error)) throw error;
    return "unreadable";
  }
  try {
    return await compare(database, directory);
  } finally {
    database.close();
  }
}

async function compareCopy(path: string, directory: string): Promise<IndexFault | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "sigil-index-"));
  try {
    const copy = join(folder, INDEX_NAME);
    await copyFile(path, copy);
    // What SQLite has not yet put into the file itself; absent after a close.
    await copyFile(`${path}-wal`, `${copy}-wal`).catch(() => undefined);
    const database = new sqlite.DatabaseSync(copy);
    try {
      return await compare(database, directory);
    } finally {
      database.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function compare(database: DatabaseSync, directory: string): Promise<IndexFault | undefined> {
  database.exec("PRAGMA trusted_schema = OFF");
  checkSchema(database);
  // As bytes: Node 22 reads a text only up to its first U+0000.
  const values = columns.map((column) => `CAST(${column} AS BLOB) AS ${column}`).join(", ");
  const rowAt = database.prepare(
    `SELECT offset, length, hash, ${values} FROM records WHERE segment = ? AND seq = ?`,
  );
  let expected = 0;
  // Listed after the index was looked at, which follows the journal: it knows no segment that is not here.
  for (const segment of await listSegments(directory)) {
    const { number, log } = segment;
    const place = database.prepare("SELECT records FROM segments WHERE number = ?").get(number);
    const end = Number(place?.["records"] ?? 0);
    // oxlint-disable-next-line no-await-in-loop -- one segment after the other
    for await (const placed of readSegment(segment)) {
      for (const { record: entry, offset, length } of placed) {
        const record = entry.seq < end ? recordOf(entry) : undefined;
        if (!record) continue;
        expected += 1;
        const where = { segment: log, line: entry.seq + 1 };
        const row = rowAt.get(number, entry.seq);
        if (!row) return { kind: "index_row_hidden", ...where };
        const isHonest =
          row["offset"] === offset &&
          row["length"] === length &&
          row["hash"] === entry.entry_hash &&
          columns.every((column) => isText(row[column], record[column]));
        // A value that is not the record's hides the record from whoever asks for the right one.
        if (!isHonest) return { kind: "index_row_forged", ...where };
      }
      if ((placed.at(-1)?.record.seq ?? 0) >= end) break;
    }
  }
  const count = database.prepare("SELECT count(*) AS rows FROM records").get();
  return count?.["rows"] === expected ? undefined : { kind: "index_row_forged" };
}

const columns = [
  "at",
  "decision",
  "actor",
  "plugin",
  "workspace",
  "capability",
  "result",
  "reason",
  "action",
  "trace",
] as const;

function isText(bytes: unknown, text: string | undefined): boolean {
  if (text === undefined) return bytes === null;
  return bytes instanceof Uint8Array && Buffer.from(text).equals(bytes);
}
