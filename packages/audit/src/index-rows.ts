import type { DatabaseSync } from "node:sqlite";
import { InconsistentIndex } from "./index-database.ts";
import type { Matcher } from "./matcher.ts";
import type { PagePlace } from "./page.ts";
import type { PlacedRecord, ReadPlace } from "./read-segment.ts";
import { recordOf } from "./record-body.ts";

const ROWS_AT_ONCE = 500;

/** Writes what was read of a segment, and how far that is, in one transaction. */
export function writeRows(
  database: DatabaseSync,
  segment: number,
  placed: readonly PlacedRecord[],
): void {
  const last = placed.at(-1);
  if (!last) return;
  const insert = database.prepare(
    "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  );
  database.exec("BEGIN IMMEDIATE");
  try {
    for (const { record: entry, offset, length } of placed) {
      const record = recordOf(entry);
      if (!record) continue;
      const { seq, entry_hash: hash, at } = entry;
      const { decision, actor, plugin, workspace, capability, result, reason, action, trace } =
        record;
      insert.run(
        segment,
        seq,
        offset,
        length,
        hash,
        at,
        decision ?? null,
        actor,
        plugin ?? null,
        workspace ?? null,
        capability ?? null,
        result,
        reason,
        action,
        trace ?? null,
      );
    }
    const bytes = last.offset + last.length + 1;
    const { seq, entry_hash: head } = last.record;
    database
      .prepare("INSERT OR REPLACE INTO segments VALUES (?, ?, ?, ?, ?)")
      .run(segment, bytes, seq + 1, head, last.offset);
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

/** How far the index says it has read a segment. @throws {@link InconsistentIndex} */
export function placeIn(
  database: DatabaseSync,
  number: number,
): (ReadPlace & { last: number }) | undefined {
  const row = database.prepare("SELECT * FROM segments WHERE number = ?").get(number);
  if (!row) return undefined;
  const { bytes, records, head, last } = row;
  if (
    typeof bytes !== "number" ||
    typeof records !== "number" ||
    typeof head !== "string" ||
    typeof last !== "number"
  ) {
    throw new InconsistentIndex("a place of another form");
  }
  return { bytes, records, head, last };
}

/** Drops the rows of segments before one, and how far those were read. */
export function dropRowsBefore(database: DatabaseSync, segment: number): void {
  database.exec("BEGIN IMMEDIATE");
  database.prepare("DELETE FROM records WHERE segment < ?").run(segment);
  database.prepare("DELETE FROM segments WHERE number < ?").run(segment);
  database.exec("COMMIT");
}

/** The newest rows before a place that may be described by a filter, newest first; some of them. */
export function rowsBefore(
  database: DatabaseSync,
  { equal, from, to, matchesCapability }: Matcher,
  { segment, seq }: PagePlace,
): readonly Readonly<Record<string, unknown>>[] {
  const conditions = ["(segment, seq) < (?, ?)"];
  const values: (string | number)[] = [segment, seq];
  for (const [field, accepted] of equal) {
    conditions.push(`${field} IN (${accepted.map(() => "?").join(", ")})`);
    values.push(...accepted);
  }
  if (from !== undefined) {
    conditions.push("at >= ?");
    values.push(from);
  }
  if (to !== undefined) {
    conditions.push("at < ?");
    values.push(to);
  }
  if (matchesCapability) conditions.push("capability IS NOT NULL");
  return database
    .prepare(
      // As bytes, for a text may hold U+0000.
      `SELECT segment, seq, offset, length, hash, CAST(capability AS BLOB) AS capability FROM records WHERE ${conditions.join(" AND ")} ORDER BY segment DESC, seq DESC LIMIT ${ROWS_AT_ONCE}`,
    )
    .all(...values);
}

/** Whether SQLite compares every value of a filter as JavaScript does. */
export function isIndexable({ equal, from, to }: Matcher): boolean {
  return (
    [from, to].every((value) => value === undefined || isText(value)) &&
    [...equal].every(([field, values]) =>
      values.every((value) => (field === "seq" ? Number.isSafeInteger(value) : isText(value))),
    )
  );
}

const isText = (value: unknown): boolean =>
  typeof value === "string" && value.isWellFormed() && !value.includes("\0");
