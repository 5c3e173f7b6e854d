import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import {
  INDEX_NAME,
  InconsistentIndex,
  openIndexDatabase,
  removeIndexDatabase,
} from "../index-database.ts";
import { dropRowsBefore, placeIn, writeRows } from "../index-rows.ts";
import { lineAt, readSegment, SEGMENT_START } from "../read-segment.ts";
import { listSegments, type Segment } from "../segment.ts";

/** What is read and written in one transaction. Ids are random, so nearly each changes a page of its own, and a page is written once for each transaction. */
const PORTION_BYTES = 1_048_576;

/** Writes into the index what the segments hold. */
export class JournalFollower {
  readonly #directory: string;
  readonly #path: string;
  readonly #isStopped: () => boolean;
  #database: DatabaseSync | undefined;

  constructor(directory: string, isStopped: () => boolean) {
    this.#directory = directory;
    this.#path = join(directory, INDEX_NAME);
    this.#isStopped = isStopped;
  }

  /** Reads what the journal has more. Stopped, it ends after a portion. */
  async catchUp(): Promise<void> {
    const segments = await listSegments(this.#directory);
    const database = (this.#database ??= await this.#open(segments));
    for (const segment of segments) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- one segment after the other
        await this.#read(database, segment);
      } catch (error) {
        // It was old, and removed since it was listed.
        if (!isMissingFile(error)) throw error;
      }
      if (this.#isStopped()) return;
    }
  }

  /** Drops the rows of segments before one. */
  async forgetBefore(number: number): Promise<void> {
    if (this.#database) dropRowsBefore(this.#database, number);
  }

  /** Removes the file; it is made anew with the next look at the journal. */
  async remove(): Promise<void> {
    this.close();
    await removeIndexDatabase(this.#path);
  }

  /** Lets go of the file. */
  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  async #read(database: DatabaseSync, segment: Segment): Promise<void> {
    const place = placeIn(database, segment.number) ?? SEGMENT_START;
    const { size } = await stat(segment.path);
    if (size < place.bytes) throw new InconsistentIndex("it is newer than the journal");
    if (size === place.bytes) return;
    for await (const placed of readSegment(segment, place, PORTION_BYTES)) {
      writeRows(database, segment.number, placed);
      if (this.#isStopped()) return;
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
}

const isMissingFile = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";

async function checkPlace(database: DatabaseSync, segment: Segment): Promise<void> {
  const place = placeIn(database, segment.number);
  if (!place) return;
  const record = await lineAt(segment, place.last, place.bytes - place.last - 1);
  if (!record || record.entry_hash !== place.head || record.seq !== place.records - 1) {
    throw new InconsistentIndex("it does not follow this journal");
  }
}
