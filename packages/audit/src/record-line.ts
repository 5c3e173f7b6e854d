import { hash as digest } from "node:crypto";
import type { JournalFaultKind, JournalRecord } from "@sigilrt/journal";

/** What a line of a segment turns out to be. */
export type RecordLine =
  | { readonly record: JournalRecord; readonly text: string }
  | { readonly fault: JournalFaultKind };

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const hashForm = /^sha256:[0-9a-f]{64}$/u;

/** Reads one line, without its line feed, and hashes it anew. Whether it follows from the one before is the caller's question. */
export function readRecordLine(bytes: Uint8Array, log: string): RecordLine {
  let text: string;
  let value: unknown;
  try {
    text = decoder.decode(bytes);
    value = JSON.parse(text);
  } catch {
    return { fault: "record_malformed" };
  }
  if (!isRecord(value)) return { fault: "record_malformed" };
  if (value.log !== log) return { fault: "log_mismatch" };
  return value.entry_hash === hashOf(value, text)
    ? { record: value, text }
    : { fault: "entry_hash_mismatch" };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function isRecord(value: unknown): value is JournalRecord {
  if (!isObject(value) || Object.keys(value).length !== 8) return false;
  const { v, log, seq, at, type, body, prev_hash: previous, entry_hash: hash } = value;
  return (
    v === 1 &&
    typeof log === "string" &&
    typeof seq === "number" &&
    Number.isSafeInteger(seq) &&
    typeof at === "string" &&
    !Number.isNaN(Date.parse(at)) &&
    typeof type === "string" &&
    isObject(body) &&
    (previous === null || typeof previous === "string") &&
    typeof hash === "string" &&
    hashForm.test(hash)
  );
}

function hashOf({ entry_hash: hash }: JournalRecord, text: string): string {
  // In canonical order only ids, numbers and words follow the hash, and none of them can hold this text.
  const own = `"entry_hash":"${hash}",`;
  const at = text.lastIndexOf(own);
  const hashed = at < 0 ? text : text.slice(0, at) + text.slice(at + own.length);
  return `sha256:${digest("sha256", hashed, "hex")}`;
}
