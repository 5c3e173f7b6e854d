import { type FileListRow, formatFileList, parseSafePath } from "@sigilrt/canonical";
import type { EntryContent } from "./content.ts";
import { readFileList } from "./read-file-list.ts";
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
  if (!isListOf(list, rows)) return explain(list, rows);

  const listed = new Set<string>(rows.map(({ path }) => path));
  for (const path of required) {
    if (!listed.has(path)) return refuse({ kind: "required_file_missing", path });
  }
  return { ok: true, digest: treeDigest(sha256(list)), rows };
}

/** The one text that a writer would have written needs no parser. Files come in the order of the list. */
function isListOf(list: Uint8Array, rows: readonly FileListRow[]): boolean {
  let at = 0;
  for (const row of rows) {
    const line = Buffer.from(formatFileList([row]));
    if (Buffer.compare(line, list.subarray(at, at + line.length)) !== 0) return false;
    at += line.length;
  }
  return at === list.length;
}

/** Checks 32 to 35 one by one, for a list that is not the expected one. */
function explain(list: Uint8Array, rows: readonly FileListRow[]): Refused {
  const present = new Map<string, string>(rows.map((row) => [row.path, row.sha256]));
  const unlisted = new Set(present.keys());
  let missing: Refused | undefined;
  let mismatch: Refused | undefined;
  const malformed = readFileList(list, ({ path, sha256: expected }) => {
    const actual = present.get(path);
    unlisted.delete(path);
    if (actual === undefined) missing ??= refuse({ kind: "listed_file_missing", path });
    else if (actual !== expected) {
      mismatch ??= refuse({ kind: "file_hash_mismatch", path, expected, actual });
    }
  });
  const refused = malformed ?? missing ?? mismatch;
  if (refused) return refused;
  const [path] = unlisted;
  if (path !== undefined) return refuse({ kind: "unlisted_file", path });
  throw new Error("a file list differs from the expected one in no way that is known");
}
