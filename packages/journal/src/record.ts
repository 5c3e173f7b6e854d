import { hash as digest } from "node:crypto";
import type { JsonValue } from "@sigilrt/canonical";

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

/** A line with its line feed has at most this many bytes. */
export const MAX_LINE_BYTES = 1_048_576;

/** What a type looks like. */
export const typeForm = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/u;
const logForm = /^[\x20-\x7E]{1,256}$/u;
const hashForm = /^sha256:[0-9a-f]{64}$/u;
const timeForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/u;

/** Whether a text can be the id of a log: 1 to 256 printable ASCII characters. */
export const isLogId = (log: string): boolean => logForm.test(log);

/** Whether a decoded value has exactly the members of a record, each of its form. */
export function isRecord(value: unknown): value is JournalRecord {
  return isObject(value) && hasForm(value);
}

/** Whether a decoded value is an object of JSON. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
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
