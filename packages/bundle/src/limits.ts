/** How much a bundle may hold. */
export interface BundleLimits {
  /** Bytes of the archive; 256 MiB. */
  readonly maxArchiveBytes: number;
  /** Entries of the archive, the file list among them; 20,000. */
  readonly maxEntries: number;
  /** Bytes of one entry once it is inflated; 64 MiB. */
  readonly maxEntryBytes: number;
  /** Bytes of all entries together once they are inflated; 512 MiB. */
  readonly maxTotalBytes: number;
  /** How many bytes one compressed byte may become; 200. */
  readonly maxRatio: number;
}

const MEBIBYTE = 1_048_576;

/** What holds unless told otherwise. */
export const BUNDLE_LIMITS: BundleLimits = Object.freeze({
  maxArchiveBytes: 256 * MEBIBYTE,
  maxEntries: 20_000,
  maxEntryBytes: 64 * MEBIBYTE,
  maxTotalBytes: 512 * MEBIBYTE,
  maxRatio: 200,
});

/** Answers whether inflating would give more bytes for one compressed byte than `maxRatio`. */
export function exceedsRatio(bytes: number, compressedBytes: number, maxRatio: number): boolean {
  return bytes > compressedBytes * maxRatio;
}

/** Fills in the limits that were left out. @throws RangeError for one that is no whole number from 0 on, as NaN would let all pass */
export function resolveLimits(limits: Partial<BundleLimits> = {}): BundleLimits {
  const resolved = { ...BUNDLE_LIMITS, ...limits };
  for (const [name, value] of Object.entries(resolved)) {
    if (Number.isSafeInteger(value) && value >= 0) continue;
    throw new RangeError(`Cannot inspect bundle: limit ${name} is no whole number from 0 on`);
  }
  return resolved;
}
