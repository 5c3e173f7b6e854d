import { quoted } from "./quoted.ts";
import type { BundleRejection } from "./rejection.ts";

/** A kind of refusal. */
export type BundleRejectionKind = BundleRejection["kind"];

type Wording = {
  readonly [Kind in BundleRejectionKind]: (
    rejection: Extract<BundleRejection, { readonly kind: Kind }>,
  ) => string;
};

const REPACK = "pack the tree again with: sigil bundle pack <folder> --out <file>";
const REBUILD = "fetch the bundle again, or pack the tree again";
const RENAME = "rename it and pack the tree again";
const LIMIT = "make it smaller, or raise the limit if you trust whoever made it";

const accept = (found: string, remedy: string): string =>
  `Cannot accept bundle: ${found}; ${remedy}`;

const wording: Wording = {
  archive_too_large: ({ bytes, maxBytes }) =>
    accept(`the archive has ${bytes} bytes, more than ${maxBytes}`, LIMIT),
  not_a_zip: ({ bytes }) =>
    accept(`no end of a ZIP file in its ${bytes} bytes (another format, or cut short)`, REBUILD),
  trailing_data: ({ bytes, commentBytes }) =>
    accept(`${bytes} bytes after the end record and ${commentBytes} bytes of comment`, REPACK),
  multi_disk: ({ disk, entriesOnDisk, entries }) =>
    accept(`disk ${disk} of several, with ${entriesOnDisk} of ${entries} entries`, REPACK),
  zip64_not_allowed: ({ sign }) => accept(`a ZIP64 archive (${sign})`, REPACK),
  central_directory_misplaced: ({ offset, bytes, endRecordAt }) =>
    accept(`a directory from ${offset} over ${bytes} bytes does not end at ${endRecordAt}`, REPACK),
  too_many_entries: ({ entries, maxEntries }) =>
    accept(`${entries} entries, more than ${maxEntries}`, LIMIT),
  central_directory_malformed: ({ reason, at, end }) =>
    accept(`its directory does not hold what it declares (${reason} at ${at} of ${end})`, REPACK),
  total_too_large: ({ bytes, maxBytes }) =>
    accept(`it unpacks to ${bytes} bytes, more than ${maxBytes}`, LIMIT),
  path_unsafe: ({ path, pathHex, reason }) =>
    accept(`unsafe path ${quoted(path ?? pathHex ?? "")} (${reason})`, RENAME),
  encrypted_entry: ({ path }) => accept(`${quoted(path)} is encrypted`, REPACK),
  method_not_allowed: ({ path, method }) =>
    accept(`${quoted(path)} is compressed by method ${method}, not stored or deflated`, REPACK),
  symlink_entry: ({ path }) =>
    accept(`${quoted(path)} is a link`, "replace it by its content and pack the tree again"),
  directory_entry: ({ path }) => accept(`${quoted(path)} is an entry for a folder`, REPACK),
  special_file_entry: ({ path, type }) =>
    accept(`${quoted(path)} is no file (${type})`, "remove it and pack the tree again"),
  entry_too_large: ({ path, bytes, maxBytes }) =>
    accept(`${quoted(path)} has ${bytes} bytes, more than ${maxBytes}`, LIMIT),
  compression_ratio: ({ path, compressedBytes, bytes, maxRatio }) =>
    accept(
      `${quoted(path)} grows from ${compressedBytes} to ${bytes} bytes, more than ${maxRatio} times`,
      "pack the tree again without compression",
    ),
  noncanonical_header: ({ path, field, expected, actual }) =>
    accept(`${quoted(path)} has ${field} ${actual} where a bundle has ${expected}`, REPACK),
  duplicate_entry: ({ path }) => accept(`${quoted(path)} stands twice`, REPACK),
  path_collision: ({ path, other }) =>
    accept(`${quoted(path)} and ${quoted(other)} are one name on some systems`, RENAME),
  file_list_missing: ({ path }) =>
    accept(
      path === undefined
        ? "it has no entries, not even manifest.txt"
        : `its first entry is ${quoted(path)}, not manifest.txt`,
      REPACK,
    ),
  noncanonical_order: ({ path, after }) =>
    accept(`${quoted(path)} comes after ${quoted(after)}`, REPACK),
  overlapping_entries: ({ path, offset, expected }) =>
    accept(
      `${quoted(path)} begins at ${offset}, within the entry that ends at ${expected}`,
      REPACK,
    ),
  hidden_data: ({ at, bytes }) => accept(`${bytes} bytes at ${at} belong to no file`, REPACK),
  entry_out_of_bounds: ({ path, end, directoryAt }) =>
    accept(`${quoted(path)} ends at ${end}, behind the directory at ${directoryAt}`, REPACK),
  local_header_mismatch: ({ path, field, expected, actual }) =>
    accept(`${quoted(path)} has two headers with ${field} ${expected} and ${actual}`, REPACK),
  deflate_corrupt: ({ path, detail }) =>
    accept(`${quoted(path)} does not inflate (${detail})`, REBUILD),
  size_mismatch: ({ path, expected, actual = "more" }) =>
    accept(`${quoted(path)} declares ${expected} bytes and has ${actual}`, REBUILD),
  deflate_trailing_bytes: ({ path, bytes }) =>
    accept(`${bytes} bytes after the compressed data of ${quoted(path)}`, REPACK),
  crc_mismatch: ({ path, expected, actual }) =>
    accept(`${quoted(path)} declares CRC-32 ${hex(expected)} and has ${hex(actual)}`, REBUILD),
  file_list_malformed: ({ reason, line }) =>
    accept(
      `manifest.txt is no file list (${reason}${line === undefined ? "" : `, line ${line}`})`,
      REPACK,
    ),
  listed_file_missing: ({ path }) =>
    accept(`manifest.txt lists ${quoted(path)}, which the archive lacks`, REPACK),
  unlisted_file: ({ path }) => accept(`manifest.txt does not list ${quoted(path)}`, REPACK),
  required_file_missing: ({ path }) =>
    accept(`it has no ${quoted(path)}`, "add the file and pack the tree again"),
  file_hash_mismatch: ({ path, expected, actual }) =>
    accept(`${quoted(path)} has SHA-256 ${actual}, manifest.txt says ${expected}`, REBUILD),
  extraction_mismatch: ({ path, change }) =>
    `Cannot use extracted bundle: ${quoted(path)} is ${change} against the bundle; extract it again into a folder that nobody else writes`,
  dirty_workspace: ({ step, path, change }) =>
    `Cannot pass self-test: step ${step} left ${quoted(path)} ${change} in the tree; let it write below its temporary folder`,
  byproduct: ({ path, segment }) =>
    `Cannot pack ${quoted(path)}: ${quoted(segment)} is left behind by a build or a test; remove it, or allow it by name with --allow`,
  self_test_failed: ({ step, module, reason, exitCode, signal }) =>
    `Cannot pass self-test: step ${step}${naming(module)} failed (${reason}, ${exitCode ?? signal ?? "stopped"}); read its output`,
  self_test_timeout: ({ step, module, timeoutMs }) =>
    `Cannot pass self-test: step ${step}${naming(module)} did not end within ${timeoutMs} ms; make it faster, or allow more time`,
};

/** Says what was found and what to do about it. Texts of the archive are cut and escaped, so it may be shown on a terminal. */
export function describeRejection(rejection: BundleRejection): string {
  // Each kind has the wording of its own type, which the compiler cannot follow through the lookup.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  const words = wording[rejection.kind] as (rejection: BundleRejection) => string;
  return words(rejection);
}

const isKind = (kind: string): kind is BundleRejectionKind => Object.hasOwn(wording, kind);

/** Every kind of refusal; the type of the list it is made from makes it complete. */
export const BUNDLE_REJECTION_KINDS: readonly BundleRejectionKind[] = Object.freeze(
  Object.keys(wording).filter(isKind),
);

const hex = (crc: number): string => crc.toString(16).padStart(8, "0");

const naming = (module: string | undefined): string =>
  module === undefined ? "" : ` of ${quoted(module)}`;
