import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { DatabaseSync } from "node:sqlite";
import type { AuditPage, StoredAuditRecord } from "@sigilrt/enforcer";
import {
  INDEX_NAME,
  InconsistentIndex,
  isDamage,
  openIndexReader,
  parseRow,
  sqlite,
} from "./index-database.ts";
import { isIndexable, rowsBefore } from "./index-rows.ts";
import { IndexWriter } from "./index-writer.ts";
import { isDescribed, type Matcher } from "./matcher.ts";
import { pageOf, type PageRequest } from "./page.ts";
import { lineAt } from "./read-segment.ts";
import { recordOf } from "./record-body.ts";
import { segmentAt } from "./segment.ts";

/** What comes within this time is read in one go: to look at the folder and to commit costs as much as many records. A query does not wait. */
const FOLLOW_AFTER_MS = 200;

/**
 * Finds records without reading the whole log. It follows the journal, never the other way round: what it holds was read from the
 * segments, and each answer is read from them again. A Worker writes it; it is read here, by a connection of its own.
 */
export class AuditIndex {
  readonly #directory: string;
  readonly #writer: IndexWriter;
  #reader: DatabaseSync | undefined;
  #failure: string | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(directory: string) {
    this.#directory = directory;
    this.#writer = new IndexWriter(directory, (error) => this.#fail(error));
    if (!sqlite) this.#failure = "the index is off: this Node has no node:sqlite";
  }

  /** Why it does not answer; absent while it does. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Has what the journal has more read, some time; nobody waits for it and nothing fails with it. */
  follow(): void {
    if (this.#timer || this.#failure !== undefined || this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#exclusive(() => this.#writer.order({ kind: "catch-up" }));
    }, FOLLOW_AFTER_MS);
    this.#timer.unref();
  }

  /** Answers a query; `undefined` when it cannot, and the segments are to be read. */
  async query(matcher: Matcher, page: PageRequest): Promise<AuditPage | undefined> {
    if (!isIndexable(matcher)) return undefined;
    return this.#awaited(async () => {
      await this.#writer.order({ kind: "catch-up" });
      // Closing ends the reading where it is: what is missing then would be hidden.
      return this.#closed ? undefined : this.#select(matcher, page);
    });
  }

  /** Drops the rows of segments before one: they were removed. */
  async forgetBefore(number: number): Promise<void> {
    await this.#awaited(async () => {
      if (this.#writer.isStarted) await this.#writer.order({ kind: "forget", before: number });
    });
  }

  /** Stops after the portion that is being read. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#writer.stop();
    await this.#writer.awaited(() => this.#last);
    // Whoever lets go of the file last clears up beside it, and a reader cannot.
    this.#closeReader();
    await this.#writer.close();
  }

  #awaited<T>(work: () => Promise<T>): Promise<T | undefined> {
    return this.#writer.awaited(() => this.#exclusive(work));
  }

  /** One piece of work at a time; what finds the file damaged has it made anew, once. */
  #exclusive<T>(work: () => Promise<T>): Promise<T | undefined> {
    const run = async (): Promise<T | undefined> => {
      if (this.#failure !== undefined || this.#closed) return undefined;
      try {
        return await this.#repaired(work);
      } catch (error) {
        this.#fail(error);
        this.#closeReader();
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
      this.#closeReader();
      await this.#writer.order({ kind: "remove" });
      return work();
    }
  }

  #fail(error: unknown): void {
    const detail = error instanceof Error ? error.message : "unknown failure";
    this.#failure ??= `the index is off until the store is opened again: ${detail}`;
  }

  #closeReader(): void {
    this.#reader?.close();
    this.#reader = undefined;
  }

  async #select(matcher: Matcher, { limit, before }: PageRequest): Promise<AuditPage> {
    const database = (this.#reader ??= openIndexReader(join(this.#directory, INDEX_NAME)));
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
