import { hash as digest } from "node:crypto";
import { CanonicalError, canonicalize, type JsonValue } from "@sigilrt/canonical";
import { JournalError } from "./journal-error.ts";

/** What a caller appends. */
export interface JournalEntry {
  /** Words of `[a-z0-9-]` joined by dots; those that begin with `journal.` are reserved. */
  readonly type: string;
  /** An object of JSON. Secrets are removed, and large content replaced by its digest, before it gets here. */
  readonly body: JsonObject;
}

/** An object of JSON. */
export interface JsonObject {
  /** Any key. */
  readonly [key: string]: JsonValue;
}

/** One record of a log, exactly as its line says. Never rewritten. */
export interface JournalRecord {
  /** The version of the form. */
  readonly v: 1;
  /** The log's id, the same in every record. */
  readonly log: string;
  /** Its place, from 0. */
  readonly seq: number;
  /** When it was written: RFC 3339, UTC, milliseconds. */
  readonly at: string;
  /** What it is. */
  readonly type: string;
  /** What it says. */
  readonly body: JsonObject;
  /** The `entry_hash` of the record before; `null` in the first. */
  readonly prev_hash: string | null;
  /** SHA-256 of the canonical record without this member. */
  readonly entry_hash: string;
}

/** A record with the line it is written as, without line feed. */
export interface EncodedRecord {
  readonly record: JournalRecord;
  readonly line: string;
}

/** A line with its line feed has at most this many bytes. */
export const MAX_LINE_BYTES = 1_048_576;

const typeForm = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/u;
const logForm = /^[\x20-\x7E]{1,256}$/u;
const hashForm = /^sha256:[0-9a-f]{64}$/u;
const timeForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/u;

/** An entry whose body was written once, so that nobody can change it while it waits. */
export interface PreparedEntry extends JournalEntry {
  readonly bodyText: string;
  /** Bytes of its line at most, whatever its place. */
  readonly maxBytes: number;
}

/** What a line holds beside the type and the body takes at most this many bytes. */
const FRAME_BYTES = 768;

/**
 * Writes the body of an entry.
 *
 * @throws {@link JournalError} `RECORD_NOT_SERIALIZABLE`, `RECORD_TOO_LARGE`
 */
export function prepareEntry({ type, body }: JournalEntry): PreparedEntry {
  const bodyText = serialize(body, type);
  const maxBytes = Buffer.byteLength(bodyText) + type.length + FRAME_BYTES;
  if (maxBytes > MAX_LINE_BYTES) {
    const message = `Cannot append "${type}": ${maxBytes} bytes, more than ${MAX_LINE_BYTES}; append a digest of large content`;
    throw new JournalError("RECORD_TOO_LARGE", message);
  }
  return { type, body, bodyText, maxBytes };
}

/** Makes the line of an entry at its place. The members stand in canonical order, and only the body needs escaping that varies. */
export function encodeRecord(
  { type, body, bodyText }: PreparedEntry,
  place: Pick<JournalRecord, "log" | "seq" | "prev_hash"> & { readonly atMs: number },
): EncodedRecord {
  const { log, seq, prev_hash: previous, atMs } = place;
  const at = new Date(atMs).toISOString();
  const head = `{"at":"${at}","body":${bodyText},`;
  const tail = `"log":${JSON.stringify(log)},"prev_hash":${JSON.stringify(previous)},"seq":${seq},"type":"${type}","v":1}`;
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

/** Refuses a type that callers may not use. @throws {@link JournalError} `RECORD_NOT_SERIALIZABLE` */
export function checkType(type: string): void {
  if (type.length <= 128 && typeForm.test(type) && !type.startsWith("journal.")) return;
  const message = `Cannot append ${JSON.stringify(type.slice(0, 64))}: a type is words of a-z 0-9 - joined by dots, and journal.* is reserved`;
  throw new JournalError("RECORD_NOT_SERIALIZABLE", message);
}

/** Whether a text can be the id of a log: 1 to 256 printable ASCII characters. */
export const isLogId = (log: string): boolean => logForm.test(log);

/** Whether a decoded value has exactly the members of a record, each of its form. */
export function isRecord(value: unknown): value is JournalRecord {
  return isObject(value) && hasForm(value);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function hasForm(value: Readonly<Record<string, unknown>>): boolean {
  const { log, seq, at, type, body, prev_hash: previous, entry_hash: hash } = value;
  return (
    value["v"] === 1 &&
    Object.keys(value).length === 8 &&
    typeof log === "string" &&
    isLogId(log) &&
    typeof seq === "number" &&
    Number.isSafeInteger(seq) &&
    seq >= 0 &&
    typeof at === "string" &&
    isTime(at) &&
    typeof type === "string" &&
    typeForm.test(type) &&
    isObject(body) &&
    (previous === null || (typeof previous === "string" && hashForm.test(previous))) &&
    typeof hash === "string" &&
    hashForm.test(hash)
  );
}

/** SHA-256 of a text, as logs write it. */
export const hashOf = (text: string): string => `sha256:${digest("sha256", text, "hex")}`;

function isTime(at: string): boolean {
  if (!timeForm.test(at)) return false;
  const time = Date.parse(at);
  // 2026-02-30 parses to another day, and so is no date.
  return !Number.isNaN(time) && new Date(time).toISOString() === at;
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
