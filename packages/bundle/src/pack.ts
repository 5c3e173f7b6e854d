import { crc32, deflateRawSync } from "node:zlib";
import { checkSafePath, foldKey, formatFileList, parseSafePath } from "@sigilrt/canonical";
import { FILE_LIST } from "./central-directory.ts";
import { type BundleFile, isOwnBytes } from "./inspect.ts";
import { BUNDLE_LIMITS, exceedsRatio } from "./limits.ts";
import { findPathFault } from "./path-fault.ts";
import { quoted } from "./quoted.ts";
import { sha256 } from "./tree-digest.ts";
import {
  CENTRAL_RECORD_BYTES,
  DEFLATED,
  END_RECORD_BYTES,
  type EntryFields,
  LOCAL_HEADER_BYTES,
  STORED,
  writeCentralRecord,
  writeEndRecord,
  writeLocalHeader,
} from "./zip-records.ts";

/** How a tree is packed. */
export interface PackOptions {
  /** `store`, the default, gives one sequence of bytes on every machine; `deflate` a shorter one that depends on the zlib build. */
  readonly compression?: "store" | "deflate";
}

interface NamedFile extends BundleFile {
  readonly name: Buffer;
}

interface PackedEntry extends EntryFields {
  readonly stored: Uint8Array;
}

/**
 * Packs files into one ZIP file with their file list in front. The order in which they are given does not matter. What it returns
 * always passes `inspectBundle`: an entry that would inflate by more than the gate allows is stored instead.
 *
 * @throws RangeError for an unsafe path, two paths that collide, a path `manifest.txt`, or a tree over the default limits; TypeError
 * for content that is no `Uint8Array` of unshared memory
 */
export function packBundle(files: Iterable<BundleFile>, options: PackOptions = {}): Uint8Array {
  const { compression = "store" } = options;
  const sorted = sort(files);
  checkLimits(sorted);
  const rows = sorted.map(({ path, content }) => ({
    path: parseSafePath(path),
    sha256: sha256(content),
  }));
  const list = Buffer.from(formatFileList(rows));
  checkLimit("bytes of the file list", list.length, BUNDLE_LIMITS.maxEntryBytes);
  checkTotal(sorted, list.length);

  const entries: PackedEntry[] = [];
  let offset = 0;
  const take = (name: Buffer, content: Uint8Array, isDeflated: boolean): void => {
    const packed = isDeflated ? deflate(content) : undefined;
    const stored = packed ?? content;
    entries.push({
      name,
      method: packed ? DEFLATED : STORED,
      crc: crc32(content),
      compressedBytes: stored.length,
      bytes: content.length,
      offset,
      stored,
    });
    offset += LOCAL_HEADER_BYTES + name.length + stored.length;
  };
  take(Buffer.from(FILE_LIST), list, false);
  for (const { name, content } of sorted) take(name, content, compression === "deflate");
  return write(entries, offset);
}

function sort(files: Iterable<BundleFile>): readonly NamedFile[] {
  const named: NamedFile[] = [];
  for (const { path, content } of files) {
    const reason = checkSafePath(path);
    if (reason !== undefined) throw unpackable(path, reason);
    if (!isOwnBytes(content)) {
      throw new TypeError(`Cannot pack ${quoted(path)}: not a Uint8Array of unshared memory`);
    }
    if (foldKey(path) === FILE_LIST) throw unpackable(path, "the name of the file list");
    named.push({ path, content, name: Buffer.from(path) });
  }
  const sorted = named.toSorted((left, right) => Buffer.compare(left.name, right.name));
  const fault = findPathFault(sorted.map(({ path }) => path));
  if (fault?.kind === "duplicate_entry") throw unpackable(fault.path, "it stands twice");
  if (fault) throw unpackable(fault.path, `it collides with ${quoted(fault.other)}`);
  return sorted;
}

/** Looked at before anything is hashed. */
function checkLimits(files: readonly NamedFile[]): void {
  const { maxEntries, maxEntryBytes } = BUNDLE_LIMITS;
  checkLimit("entries", files.length + 1, maxEntries);
  for (const { path, content } of files) {
    checkLimit(`bytes of ${quoted(path)}`, content.length, maxEntryBytes);
  }
  checkTotal(files, 0);
}

function checkTotal(files: readonly NamedFile[], listBytes: number): void {
  const total = files.reduce((sum, { content }) => sum + content.length, listBytes);
  checkLimit("bytes in all", total, BUNDLE_LIMITS.maxTotalBytes);
}

function checkLimit(what: string, actual: number, limit: number): void {
  if (actual <= limit) return;
  throw new RangeError(`Cannot pack bundle: ${actual} ${what}, more than ${limit}`);
}

/** The deflated form when that is shorter and the gate would inflate it. */
function deflate(content: Uint8Array): Uint8Array | undefined {
  const packed = deflateRawSync(content);
  const isTooDense = exceedsRatio(content.length, packed.length, BUNDLE_LIMITS.maxRatio);
  return packed.length < content.length && !isTooDense ? packed : undefined;
}

function write(entries: readonly PackedEntry[], directoryAt: number): Uint8Array {
  const directoryBytes = entries.reduce(
    (total, { name }) => total + CENTRAL_RECORD_BYTES + name.length,
    0,
  );
  const endAt = directoryAt + directoryBytes;
  const size = endAt + END_RECORD_BYTES;
  checkLimit("bytes of archive", size, BUNDLE_LIMITS.maxArchiveBytes);

  const archive = Buffer.allocUnsafeSlow(size);
  for (const entry of entries) {
    archive.set(entry.stored, writeLocalHeader(archive, entry.offset, entry));
  }
  let at = directoryAt;
  for (const entry of entries) at = writeCentralRecord(archive, at, entry);
  writeEndRecord(archive, endAt, entries.length, directoryAt);
  return new Uint8Array(archive.buffer, archive.byteOffset, size);
}

const unpackable = (path: string, fault: string): RangeError =>
  new RangeError(`Cannot pack ${quoted(path)}: ${fault}`);
