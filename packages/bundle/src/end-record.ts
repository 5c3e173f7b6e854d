import type { BundleLimits } from "./limits.ts";
import { refuse, type Refused } from "./rejection.ts";
import { END_RECORD_BYTES, END_RECORD_SIGNATURE } from "./zip-records.ts";

/** Where the directory of an archive stands. */
export interface DirectoryPlace {
  readonly ok: true;
  /** How many records it has. */
  readonly entries: number;
  /** Where it begins. */
  readonly offset: number;
  /** Where it ends and the end record begins. */
  readonly end: number;
}

const MAX_COMMENT_BYTES = 65_535;
const LOCATOR_BYTES = 20;
const LOCATOR_SIGNATURE = 0x07_06_4b_50;
const ZIP64_COUNT = 0xff_ff;
const ZIP64_SIZE = 0xff_ff_ff_ff;

/** Checks 1 to 7: the archive as a whole and its end record. */
export function readEndRecord(bytes: Buffer, limits: BundleLimits): DirectoryPlace | Refused {
  const { maxArchiveBytes, maxEntries } = limits;
  if (bytes.length > maxArchiveBytes) {
    return refuse({
      kind: "archive_too_large",
      bytes: bytes.length,
      maxBytes: maxArchiveBytes,
    });
  }
  const at = findEndRecord(bytes);
  if (at === undefined) return refuse({ kind: "not_a_zip", bytes: bytes.length });

  const commentBytes = bytes.readUInt16LE(at + 20);
  const after = bytes.length - at - END_RECORD_BYTES;
  // Readers that search for another record would find another archive in what follows.
  if (after > 0 || commentBytes > 0) {
    return refuse({ kind: "trailing_data", endRecordAt: at, bytes: after, commentBytes });
  }
  const disk = bytes.readUInt16LE(at + 4);
  const directoryDisk = bytes.readUInt16LE(at + 6);
  const entriesOnDisk = bytes.readUInt16LE(at + 8);
  const entries = bytes.readUInt16LE(at + 10);
  if (disk !== 0 || directoryDisk !== 0 || entriesOnDisk !== entries) {
    return refuse({ kind: "multi_disk", disk, directoryDisk, entriesOnDisk, entries });
  }
  const size = bytes.readUInt32LE(at + 12);
  const offset = bytes.readUInt32LE(at + 16);
  if (entries === ZIP64_COUNT || size === ZIP64_SIZE || offset === ZIP64_SIZE) {
    return refuse({ kind: "zip64_not_allowed", sign: "end-record" });
  }
  if (at >= LOCATOR_BYTES && bytes.readUInt32LE(at - LOCATOR_BYTES) === LOCATOR_SIGNATURE) {
    return refuse({ kind: "zip64_not_allowed", sign: "locator" });
  }
  // Some readers trust the offset, others count back from the end: a gap gives them two directories.
  if (offset + size !== at) {
    return refuse({ kind: "central_directory_misplaced", offset, bytes: size, endRecordAt: at });
  }
  if (entries > maxEntries) return refuse({ kind: "too_many_entries", entries, maxEntries });
  return { ok: true, entries, offset, end: at };
}

/** The last end record that a reader could find. */
function findEndRecord(bytes: Buffer): number | undefined {
  const last = bytes.length - END_RECORD_BYTES;
  const first = Math.max(0, last - MAX_COMMENT_BYTES);
  for (let at = last; at >= first; at -= 1) {
    if (bytes.readUInt32LE(at) === END_RECORD_SIGNATURE) return at;
  }
  return undefined;
}
