import { isUtf8 } from "node:buffer";
import {
  CanonicalError,
  type FileListReason,
  type FileListRow,
  parseFileList,
} from "@sigilrt/canonical";
import { refuse, type Refused } from "./rejection.ts";

const PART = 1_048_576;
const NEWLINE = 0x0a;

/**
 * Reads a file list row by row and answers why it is none. It parses part after part, for a hostile list may have a million lines
 * and as rows takes many times its size.
 */
export function readFileList(
  list: Uint8Array,
  take: (row: FileListRow) => void,
): Refused | undefined {
  if (!isUtf8(list)) return malformed("not-utf8");
  if (list.length > 0 && list.at(-1) !== NEWLINE) return malformed("no-final-newline");

  let start = 0;
  let line = 0;
  while (start < list.length) {
    // Each part begins with the last line of the part before it, so that the order is checked across them.
    const end = list.indexOf(NEWLINE, Math.min(start + PART, list.length - 1)) + 1;
    const overlap = start === 0 ? 0 : 1;
    const from = overlap === 0 ? 0 : list.lastIndexOf(NEWLINE, start - 2) + 1;
    const part = parse(list.subarray(from, end), line - overlap);
    if (!part.ok) return part;
    for (const row of part.rows.slice(overlap)) take(row);
    line += part.rows.length - overlap;
    start = end;
  }
  return undefined;
}

function parse(
  part: Uint8Array,
  linesBefore: number,
): { readonly ok: true; readonly rows: readonly FileListRow[] } | Refused {
  try {
    return { ok: true, rows: parseFileList(part) };
  } catch (cause) {
    if (!(cause instanceof CanonicalError) || !isFileListReason(cause.reason)) throw cause;
    return malformed(cause.reason, linesBefore + (cause.line ?? 0));
  }
}

const malformed = (reason: FileListReason, line?: number): Refused =>
  refuse({ kind: "file_list_malformed", reason, ...(line !== undefined && { line }) });

const reasons: Readonly<Record<FileListReason, true>> = {
  "not-utf8": true,
  "no-final-newline": true,
  syntax: true,
  path: true,
  self: true,
  order: true,
};

const isFileListReason = (reason: string): reason is FileListReason =>
  Object.hasOwn(reasons, reason);
