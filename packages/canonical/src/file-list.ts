import { CanonicalError } from "./canonical-error.ts";
import { foldKey } from "./fold-key.ts";
import { checkSafePath, parseSafePath, type SafePath } from "./safe-path.ts";
import { compareUtf8, decodeUtf8 } from "./utf8.ts";

/** One file of a tree. */
export interface FileListRow {
  /** The file's path below the root of the tree. */
  readonly path: SafePath;
  /** SHA-256 of the file's bytes, 64 lower-case hex digits. */
  readonly sha256: string;
}

/** Why a text is no file list. */
export type FileListReason = "not-utf8" | "no-final-newline" | "syntax" | "path" | "self" | "order";

const row = /^([0-9a-f]{64}) {2}([^\n]+)$/u;
const hash = /^[0-9a-f]{64}$/u;
const self = foldKey("manifest.txt");

/**
 * Writes the file list of a tree, `manifest.txt`: a line for each file but itself, sorted by the UTF-8 bytes of the path. Its
 * SHA-256 is the tree digest, and `sha256sum -c` reads it.
 *
 * @throws {@link CanonicalError} `FILE_LIST_MALFORMED` for a hash that is not 64 lower-case hex digits (`syntax`), an unsafe path
 * (`path`), a path that folds to `manifest.txt` (`self`), or a path that stands twice (`order`)
 */
export function formatFileList(rows: Iterable<FileListRow>): string {
  const sorted = [...rows].toSorted((left, right) => compareUtf8(left.path, right.path));
  let previous: string | undefined;
  let text = "";
  for (const [index, { path, sha256 }] of sorted.entries()) {
    if (!hash.test(sha256)) throw malformed("write", "syntax", index + 1);
    checkRow("write", path, previous, index + 1);
    previous = path;
    text += `${sha256}  ${path}\n`;
  }
  return text;
}

/**
 * Reads a file list and accepts exactly what {@link formatFileList} writes.
 *
 * @throws {@link CanonicalError} `FILE_LIST_MALFORMED` with reason and line
 */
export function parseFileList(bytes: Uint8Array): readonly FileListRow[] {
  const text = decodeUtf8(bytes);
  if (text === undefined) throw malformed("read", "not-utf8");
  if (text === "") return Object.freeze([]);
  if (!text.endsWith("\n")) throw malformed("read", "no-final-newline");

  const rows: FileListRow[] = [];
  for (const [index, line] of text.slice(0, -1).split("\n").entries()) {
    const [, sha256, path] = row.exec(line) ?? [];
    if (sha256 === undefined || path === undefined) throw malformed("read", "syntax", index + 1);
    checkRow("read", path, rows.at(-1)?.path, index + 1);
    rows.push(Object.freeze({ path: parseSafePath(path), sha256 }));
  }
  return Object.freeze(rows);
}

type Attempt = "read" | "write";

function checkRow(
  attempt: Attempt,
  path: string,
  previous: string | undefined,
  line: number,
): void {
  if (checkSafePath(path) !== undefined) throw malformed(attempt, "path", line);
  if (foldKey(path) === self) throw malformed(attempt, "self", line);
  // Equal neighbours are a repeated line.
  if (previous !== undefined && compareUtf8(previous, path) >= 0) {
    throw malformed(attempt, "order", line);
  }
}

function malformed(attempt: Attempt, reason: FileListReason, line?: number): CanonicalError {
  const place = line === undefined ? "" : `, line ${line}`;
  const message = `Cannot ${attempt} file list: ${reason}${place}`;
  return new CanonicalError(
    "FILE_LIST_MALFORMED",
    reason,
    message,
    line === undefined ? {} : { line },
  );
}
