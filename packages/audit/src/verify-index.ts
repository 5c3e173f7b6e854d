import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { INDEX_NAME } from "./audit-index.ts";
import { AuditError } from "./audit-error.ts";
import { checkSchema, isDamage, sqlite } from "./index-database.ts";
import { readSegment } from "./read-segment.ts";
import { recordOf } from "./record-body.ts";
import type { Segment } from "./segment.ts";

/** What an index does wrong. */
export interface IndexFault {
  readonly kind: "index_unreadable" | "index_row_hidden" | "index_row_forged";
  readonly segment?: string;
  readonly line?: number;
}

/**
 * Holds an index against the journal, as far as the index says it has come. It is read from a copy elsewhere, so that nothing is
 * written into the directory.
 *
 * @throws {@link AuditError} `IO` without an index or without `node:sqlite`; that is no verdict
 */
export async function verifyIndex(
  directory: string,
  segments: readonly Segment[],
): Promise<IndexFault | undefined> {
  if (!sqlite) throw new AuditError("IO", "Cannot verify the index: this Node has no node:sqlite");
  const folder = await mkdtemp(join(tmpdir(), "sigil-index-"));
  try {
    const copy = join(folder, INDEX_NAME);
    await copyFile(join(directory, INDEX_NAME), copy);
    // What SQLite has not yet put into the file itself; absent after a close.
    await copyFile(join(directory, `${INDEX_NAME}-wal`), `${copy}-wal`).catch(() => undefined);
    return await compare(copy, segments);
  } catch (error) {
    if (isDamage(error)) return { kind: "index_unreadable" };
    throw error;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function compare(
  path: string,
  segments: readonly Segment[],
): Promise<IndexFault | undefined> {
  const database = new sqlite.DatabaseSync(path);
  try {
    database.exec("PRAGMA trusted_schema = OFF");
    checkSchema(database);
    // As bytes: Node 22 reads a text only up to its first U+0000.
    const values = columns.map((column) => `CAST(${column} AS BLOB) AS ${column}`).join(", ");
    const rowAt = database.prepare(
      `SELECT offset, length, hash, ${values} FROM records WHERE segment = ? AND seq = ?`,
    );
    let expected = 0;
    for (const segment of segments) {
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
      }
    }
    const count = database.prepare("SELECT count(*) AS rows FROM records").get();
    return count?.["rows"] === expected ? undefined : { kind: "index_row_forged" };
  } finally {
    database.close();
  }
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
