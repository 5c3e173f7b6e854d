import {
  CanonicalError,
  type FileListReason,
  type FileListRow,
  formatFileList,
  parseFileList,
  parseSafePath,
} from "@sigilrt/canonical";
import type { EntryContent } from "./content.ts";
import { refuse, type Refused } from "./rejection.ts";
import { sha256, type TreeDigest, treeDigest } from "./tree-digest.ts";

/** A file list that says exactly what the archive holds. */
interface CheckedFileList {
  readonly ok: true;
  readonly digest: TreeDigest;
  readonly rows: readonly FileListRow[];
}

/** Checks 32 to 36: the list names every file with its hash, and nothing else. */
export function checkFileList(
  list: Uint8Array,
  files: readonly EntryContent[],
  required: Iterable<string>,
): CheckedFileList | Refused {
  const rows = files.map(({ path, content }) => ({
    path: parseSafePath(path),
    sha256: sha256(content),
  }));
  // The one text that a writer would have written: what is equal to it needs no parser.
  if (Buffer.compare(list, Buffer.from(formatFileList(rows))) !== 0) return explain(list, rows);

  const listed = new Set<string>(rows.map(({ path }) => path));
  for (const path of required) {
    if (!listed.has(path)) return refuse({ kind: "required_file_missing", path });
  }
  return { ok: true, digest: treeDigest(sha256(list)), rows };
}

/** Checks 32 to 35 one by one, for a list that is not the expected one. */
function explain(list: Uint8Array, rows: readonly FileListRow[]): Refused {
  const parsed = parse(list);
  if (!parsed.ok) return parsed;
  const listed = parsed.rows;
  const present = new Map<string, string>(rows.map((row) => [row.path, row.sha256]));
  const missing = listed.find(({ path }) => !present.has(path));
  if (missing) return refuse({ kind: "listed_file_missing", path: missing.path });
  for (const { path, sha256: expected } of listed) {
    const actual = present.get(path) ?? "";
    if (actual !== expected) return refuse({ kind: "file_hash_mismatch", path, expected, actual });
  }
  const names = new Set<string>(listed.map(({ path }) => path));
  const unlisted = rows.find(({ path }) => !names.has(path));
  if (unlisted) return refuse({ kind: "unlisted_file", path: unlisted.path });
  throw new Error("a file list differs from the expected one in no way that is known");
}

function parse(
  list: Uint8Array,
): { readonly ok: true; readonly rows: readonly FileListRow[] } | Refused {
  try {
    return { ok: true, rows: parseFileList(list) };
  } catch (cause) {
    if (!(cause instanceof CanonicalError) || !isFileListReason(cause.reason)) throw cause;
    const { reason, line } = cause;
    return refuse({ kind: "file_list_malformed", reason, ...(line !== undefined && { line }) });
  }
}

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
