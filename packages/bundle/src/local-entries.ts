import { type DirectoryEntry, FILE_LIST } from "./central-directory.ts";
import type { DirectoryPlace } from "./end-record.ts";
import type { BundleLimits } from "./limits.ts";
import { findPathFault } from "./path-fault.ts";
import { refuse, type Refused } from "./rejection.ts";
import { differenceInLocalHeader, LOCAL_HEADER_BYTES } from "./zip-records.ts";

/** Checks 20 to 23: the directory as a whole. */
export function checkDirectory(
  entries: readonly DirectoryEntry[],
  { maxTotalBytes }: BundleLimits,
): Refused | undefined {
  const bytes = entries.reduce((total, entry) => total + entry.bytes, 0);
  if (bytes > maxTotalBytes) {
    return refuse({ kind: "total_too_large", bytes, maxBytes: maxTotalBytes });
  }
  const fault = findPathFault(entries.map(({ path }) => path));
  if (fault) return refuse(fault);
  const [first, ...others] = entries;
  if (first?.path !== FILE_LIST) {
    return refuse({ kind: "file_list_missing", ...(first && { path: first.path }) });
  }
  const unsorted = others.findIndex((entry, at) => {
    const before = others[at - 1];
    return before !== undefined && Buffer.compare(before.name, entry.name) >= 0;
  });
  const [after, entry] = [others[unsorted - 1], others[unsorted]];
  return after && entry
    ? refuse({ kind: "noncanonical_order", path: entry.path, after: after.path })
    : undefined;
}

/** Checks 24 to 27: local entries follow each other from the first byte to the directory, each under the header it must have. */
export function checkLocalEntries(
  bytes: Buffer,
  entries: readonly DirectoryEntry[],
  directory: DirectoryPlace,
): Refused | undefined {
  let expected = 0;
  for (const entry of entries) {
    const { path, offset } = entry;
    // Two records that share one compressed range are a bomb that no ratio shows.
    if (offset < expected) return refuse({ kind: "overlapping_entries", path, offset, expected });
    // Streaming readers would find an entry in a gap that readers of the directory never see.
    if (offset > expected) {
      return refuse({ kind: "hidden_data", path, at: expected, bytes: offset - expected });
    }
    const end = contentRange(entry).end;
    if (end > directory.offset) {
      return refuse({ kind: "entry_out_of_bounds", path, end, directoryAt: directory.offset });
    }
    const mismatch = checkLocalHeader(bytes, entry);
    if (mismatch) return mismatch;
    expected = end;
  }
  return expected === directory.offset
    ? undefined
    : refuse({ kind: "hidden_data", at: expected, bytes: directory.offset - expected });
}

/** Where an entry's content stands. */
export function contentRange({ offset, name, compressedBytes }: DirectoryEntry): {
  readonly start: number;
  readonly end: number;
} {
  const start = offset + LOCAL_HEADER_BYTES + name.length;
  return { start, end: start + compressedBytes };
}

function checkLocalHeader(bytes: Buffer, entry: DirectoryEntry): Refused | undefined {
  const { path, offset } = entry;
  const difference = differenceInLocalHeader(bytes, offset, entry);
  if (difference) return refuse({ kind: "local_header_mismatch", path, ...difference });
  const name = bytes.subarray(offset + LOCAL_HEADER_BYTES, contentRange(entry).start);
  if (name.equals(entry.name)) return undefined;
  return refuse({
    kind: "local_header_mismatch",
    path,
    field: "name",
    expected: Buffer.from(entry.name).toString("hex"),
    actual: name.toString("hex"),
  });
}
