import { join } from "node:path";
import { type FileHandle, open, stat } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { DatabaseSync } from "node:sqlite";
import type { AuditPage, StoredAuditRecord } from "@sigilrt/enforcer";
import {
  InconsistentIndex,
  isDamage,
  openIndexDatabase,
  parseRow,
  removeIndexDatabase,
  sqlite,
} from "./index-database.ts";
import { isIndexable, rowsBefore, writeRows } from "./index-rows.ts";
import { isDescribed, type Matcher } from "./matcher.ts";
import { pageOf, type PageRequest } from "./page.ts";
import { type ReadPlace, readSegment, SEGMENT_START } from "./read-segment.ts";
import { recordOf } from "./record-body.ts";
import { readRecordLine } from "./record-line.ts";
import { listSegments, MAX_LINE_BYTES, type Segment, segmentAt } from "./segment.ts";

/** The name of the index in an audit directory. */
export const INDEX_NAME = "index.db";

/** What comes within this time is read in one go: to look at the folder and to commit costs as much as many records. A query does not wait. */
const FOLLOW_AFTER_MS = 50;

/**
 * Finds records without reading the whole log. It follows the journal, never the other way round: what it holds was read from the
 * segments, and each answer is read from them again.
 */
export class AuditIndex {
  readonly #directory: string;
  readonly #path: string;
  #database: DatabaseSync | undefined;
  #failure: string | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(directory: string) {
    this.#directory = directory;
    this.#path = join(directory, INDEX_NAME);
    if (!sqlite) this.#failure = "the index is off: this Node has no node:sqlite";
  }

  /** Why it does not answer; absent while it does. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Reads what the journal has more, some time; nobody waits for it and nothing fails with it. */
  follow(): void {
    if (this.#timer || this.#failure !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#exclusive(() => this.#catchUp());
    }, FOLLOW_AFTER_MS);
    this.#timer.unref();
  }

  /** Answers a query; `undefined` when it cannot, and the segments are to be read. */
  async query(matcher: Matcher, page: PageRequest): Promise<AuditPage | undefined> {
    if (!isIndexable(matcher)) return undefined;
    return this.#exclusive(async () => {
      await this.#catchUp();
      return this.#select(matcher, page);
    });
  }

  /** Drops the rows of segments before one: they were removed. */
  async forgetBefore(number: number): Promise<void> {
    await this.#exclusive(async () => {
      const database = this.#database;
      if (!database) return;
      database.exec("BEGIN IMMEDIATE");
      database.prepare("DELETE FROM records WHERE segment < ?").run(number);
      database.prepare("DELETE FROM segments WHERE number < ?").run(number);
      database.exec("COMMIT");
    });
  }

  /** Stops after the portion that is being read. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#last;
    this.#database?.close();
    this.#database = undefined;
  }

  /** One piece of work at a time; what finds the file damaged has it made anew, once. */
  #exclusive<T>(work: () => Promise<T>): Promise<T | undefined> {
    const run = async (): Promise<T | undefined> => {
      if (this.#failure !== undefined || this.#closed) return undefined;
      try {
        return await this.#repaired(work);
      } catch (error) {
        const detail = error instanceof Error ? error.message : "unknown failure";
        this.#failure = `the index is off until the store is opened again: ${detail}`;
        this.#database?.close();
        this.#database = undefined;
        return undefined;
      }
    };
    const done = this.#last.then(run);
    this.#last = done;
    return done;
  }

  async #repaired<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#database?.close();
      this.#database = undefined;
      await removeIndexDatabase(this.#path);
      return work();
    }
  }

  async #catchUp(): Promise<void> {
    const segments = await listSegments(this.#directory);
    const database = (this.#database ??= await this.#open(segments));
    for (const segment of segments) {
      const place = placeIn(database, segment.number) ?? SEGMENT_START;
      // oxlint-disable-next-line no-await-in-loop -- one segment after the other
      const { size } = await stat(segment.path);
      if (size < place.bytes) throw new InconsistentIndex("it is newer than the journal");
      // oxlint-disable-next-line no-await-in-loop -- see above
      if (size > place.bytes) await this.#read(database, segment, place);
    }
  }

  async #read(database: DatabaseSync, segment: Segment, place: ReadPlace): Promise<void> {
    for await (const placed of readSegment(segment, place)) {
      writeRows(database, segment.number, placed);
      if (this.#closed) return;
      // A large log must not keep the event loop from its appends.
      await nextTurn();
    }
  }

  /** Opens the file, and believes how far it says it has come only when the journal has that record at that place. */
  async #open(segments: readonly Segment[]): Promise<DatabaseSync> {
    const database = await openIndexDatabase(this.#path);
    try {
      for (const { number } of database.prepare("SELECT number FROM segments").all()) {
        const segment = segments.find((known) => known.number === number);
        if (!segment) throw new InconsistentIndex("it knows a segment that is not there");
        // oxlint-disable-next-line no-await-in-loop -- one segment after the other
        await checkPlace(database, segment);
      }
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  async #select(matcher: Matcher, { limit, before }: PageRequest): Promise<AuditPage | undefined> {
    const database = this.#database;
    if (!database) return undefined;
    const found: StoredAuditRecord[] = [];
    let end = before ?? { segment: Number.MAX_SAFE_INTEGER, seq: 0 };
    while (found.length <= limit) {
      const rows = rowsBefore(database, matcher, end);
      for (const values of rows) {
        const row = parseRow(values);
        const isBefore =
          row.segment < end.segment || (row.segment === end.segment && row.seq < end.seq);
        if (!isBefore) throw new InconsistentIndex("rows out of order");
        end = { segment: row.segment, seq: row.seq };
        if (!isCandidate(values, matcher)) continue;
        const segment = segmentAt(this.#directory, row.segment);
        // oxlint-disable-next-line no-await-in-loop -- only as many as are asked for
        const line = await lineAt(segment, row.offset, row.length);
        const record = line && line.entry_hash === row.hash ? recordOf(line) : undefined;
        if (!record || record.seq !== row.seq || !isDescribed(record, matcher)) {
          throw new InconsistentIndex("a row that the journal does not bear out");
        }
        found.push(record);
        if (found.length > limit) break;
      }
      if (rows.length === 0) break;
      // oxlint-disable-next-line no-await-in-loop -- a long search lets others have their turn
      await nextTurn();
    }
    return pageOf(found, limit);
  }
}

function isCandidate(
  row: Readonly<Record<string, unknown>>,
  { matchesCapability }: Matcher,
): boolean {
  if (!matchesCapability) return true;
  const { capability } = row;
  return (
    capability instanceof Uint8Array && matchesCapability(Buffer.from(capability).toString("utf8"))
  );
}

/** How far the index says it has read a segment. @throws {@link InconsistentIndex} */
function placeIn(
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

async function checkPlace(database: DatabaseSync, segment: Segment): Promise<void> {
  const place = placeIn(database, segment.number);
  if (!place) return;
  const record = await lineAt(segment, place.last, place.bytes - place.last - 1);
  if (!record || record.entry_hash !== place.head || record.seq !== place.records - 1) {
    throw new InconsistentIndex("it does not follow this journal");
  }
}

/** The record whose whole line lies there; `undefined` when none does. */
async function lineAt(segment: Segment, offset: number, length: number) {
  if (offset < 0 || length < 1 || length > MAX_LINE_BYTES) return undefined;
  let handle: FileHandle;
  try {
    handle = await open(segment.path, "r");
  } catch {
    return undefined;
  }
  try {
    // With the line feeds around it: inside a line, the text of a plugin may look like a record.
    const start = Math.max(0, offset - 1);
    const lead = offset - start;
    const bytes = Buffer.alloc(lead + length + 1);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
    const line = bytes.subarray(lead, lead + length);
    const isWhole =
      bytesRead === bytes.length &&
      (lead === 0 || bytes[0] === 0x0a) &&
      bytes.at(-1) === 0x0a &&
      !line.includes(0x0a);
    if (!isWhole) return undefined;
    const read = readRecordLine(line, segment.log);
    return "fault" in read ? undefined : read.record;
  } finally {
    await handle.close();
  }
}
