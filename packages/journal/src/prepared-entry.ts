import { CanonicalError, canonicalize } from "@sigilrt/canonical";
import { JournalError } from "./journal-error.ts";
import {
  hashOf,
  isObject,
  type JournalEntry,
  type JournalRecord,
  type JsonObject,
  MAX_LINE_BYTES,
  typeForm,
} from "./record.ts";

/** An entry whose body was written once: what becomes of the object afterwards changes nothing. `prepareEntry` makes it, and nobody else. */
export interface PreparedEntry extends JournalEntry {
  /** Bytes of its body as canonical JSON. */
  readonly bodyBytes: number;
}

/** A record with the line it is written as, without line feed. */
export interface EncodedRecord {
  readonly record: JournalRecord;
  readonly line: string;
}

/** What a line holds beside the type and the body takes at most this many bytes. */
const FRAME_BYTES = 768;

/** What is written is the text; it stands in a private member, so that no text of somebody else gets into a line. */
export class WrittenEntry implements PreparedEntry {
  readonly type: string;
  readonly body: JsonObject;
  readonly bodyBytes: number;
  readonly #bodyText: string;

  constructor({ type, body }: JournalEntry) {
    this.type = type;
    this.body = body;
    this.#bodyText = serialize(body, type);
    this.bodyBytes = Buffer.byteLength(this.#bodyText);
    if (this.maxBytes > MAX_LINE_BYTES) {
      const message = `Cannot append "${type}": ${this.maxBytes} bytes, more than ${MAX_LINE_BYTES}; append a digest of large content`;
      throw new JournalError("RECORD_TOO_LARGE", message);
    }
    Object.freeze(this);
  }

  static of(entry: JournalEntry): WrittenEntry {
    return #bodyText in entry ? entry : new WrittenEntry(entry);
  }

  /** Bytes of its line at most, whatever its place. */
  get maxBytes(): number {
    return this.bodyBytes + this.type.length + FRAME_BYTES;
  }

  /** Makes its line at a place. The members stand in canonical order, and only the body needs escaping that varies. */
  at({ log, seq, prev_hash: previous, at }: Place): EncodedRecord {
    const { type, body } = this;
    const head = `{"at":"${at}","body":${this.#bodyText},`;
    const tail = `"log":${JSON.stringify(log)},"prev_hash":${previous === null ? "null" : `"${previous}"`},"seq":${seq},"type":"${type}","v":1}`;
    const hash = hashOf(head + tail);
    const record: JournalRecord = {
      v: 1,
      log,
      seq,
      at,
      type,
      body,
      prev_hash: previous,
      entry_hash: hash,
    };
    return { record: Object.freeze(record), line: `${head}"entry_hash":"${hash}",${tail}` };
  }
}

type Place = Pick<JournalRecord, "log" | "seq" | "prev_hash" | "at">;

/**
 * Writes the body of an entry, for who wants to know what it takes before it is appended.
 *
 * @throws {@link JournalError} `RECORD_NOT_SERIALIZABLE`, `RECORD_TOO_LARGE`
 */
export function prepareEntry(entry: JournalEntry): PreparedEntry {
  return WrittenEntry.of(entry);
}

/** Refuses a type that callers may not use. @throws {@link JournalError} `RECORD_NOT_SERIALIZABLE` */
export function checkType(type: string): void {
  if (type.length <= 128 && typeForm.test(type) && !type.startsWith("journal.")) return;
  const message = `Cannot append ${JSON.stringify(type.slice(0, 64))}: a type is words of a-z 0-9 - joined by dots, and journal.* is reserved`;
  throw new JournalError("RECORD_NOT_SERIALIZABLE", message);
}

function serialize(value: unknown, type: string): string {
  if (!isObject(value)) {
    throw new JournalError(
      "RECORD_NOT_SERIALIZABLE",
      `Cannot append "${type}": its body is no object`,
    );
  }
  try {
    // A value that is no JSON is refused by name, so its type may be claimed.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
    return canonicalize(value as JsonObject);
  } catch (cause) {
    if (!(cause instanceof CanonicalError)) throw cause;
    const message = `Cannot append "${type}": its body is no JSON (${cause.reason})`;
    throw new JournalError("RECORD_NOT_SERIALIZABLE", message, { cause });
  }
}
