/** What an entry's headers are made from; everything else in them is constant. */
export interface EntryFields {
  /** The path in UTF-8. */
  readonly name: Uint8Array;
  /** 0 for stored, 8 for deflated. */
  readonly method: number;
  /** CRC-32 of the content. */
  readonly crc: number;
  /** Bytes in the archive. */
  readonly compressedBytes: number;
  /** Bytes of the content. */
  readonly bytes: number;
  /** Where the local entry begins. */
  readonly offset: number;
}

/** A field of a ZIP header with a fixed place. */
export type HeaderField =
  | "signature"
  | "version-made-by"
  | "version-needed"
  | "flags"
  | "method"
  | "time"
  | "date"
  | "crc"
  | "compressed-size"
  | "size"
  | "name-length"
  | "extra-length"
  | "comment-length"
  | "disk"
  | "internal-attributes"
  | "external-attributes"
  | "offset";

/** A header: its fields in order, each with its width in bytes and the value that a bundle has there. */
type Layout = readonly (readonly [
  field: HeaderField,
  width: 2 | 4,
  value: number | ((entry: EntryFields) => number),
])[];

export const STORED = 0;
export const DEFLATED = 8;
export const LOCAL_HEADER_BYTES = 30;
export const CENTRAL_RECORD_BYTES = 46;
export const END_RECORD_BYTES = 22;
export const CENTRAL_RECORD_SIGNATURE = 0x02_01_4b_50;
export const END_RECORD_SIGNATURE = 0x06_05_4b_50;

const VERSION_NEEDED = 20;
const MADE_BY_UNIX_3_0 = 0x03_1e;
const UTF8_NAMES = 0x08_00;
const MIDNIGHT = 0;
const FIRST_OF_1980 = 0x00_21;
// A regular file that its owner may write and everyone read: 0o100644 in the upper half.
const REGULAR_FILE = 0o100644 * 0x1_00_00;

const shared: Layout = [
  ["version-needed", 2, VERSION_NEEDED],
  ["flags", 2, UTF8_NAMES],
  ["method", 2, (entry) => entry.method],
  ["time", 2, MIDNIGHT],
  ["date", 2, FIRST_OF_1980],
  ["crc", 4, (entry) => entry.crc],
  ["compressed-size", 4, (entry) => entry.compressedBytes],
  ["size", 4, (entry) => entry.bytes],
  ["name-length", 2, (entry) => entry.name.length],
  ["extra-length", 2, 0],
];

const local: Layout = [["signature", 4, 0x04_03_4b_50], ...shared];

const central: Layout = [
  ["signature", 4, CENTRAL_RECORD_SIGNATURE],
  ["version-made-by", 2, MADE_BY_UNIX_3_0],
  ...shared,
  ["comment-length", 2, 0],
  ["disk", 2, 0],
  ["internal-attributes", 2, 0],
  ["external-attributes", 4, REGULAR_FILE],
  ["offset", 4, (entry) => entry.offset],
];

/** Writes the header before an entry's content. Answers where the content begins. */
export function writeLocalHeader(target: Buffer, at: number, entry: EntryFields): number {
  return writeHeader(target, at, local, entry);
}

/** Writes an entry's record of the directory. Answers where the next one begins. */
export function writeCentralRecord(target: Buffer, at: number, entry: EntryFields): number {
  return writeHeader(target, at, central, entry);
}

/** Writes the end record for a directory that begins at `offset` and ends here. */
export function writeEndRecord(target: Buffer, at: number, entries: number, offset: number): void {
  target.fill(0, at, at + END_RECORD_BYTES);
  target.writeUInt32LE(END_RECORD_SIGNATURE, at);
  target.writeUInt16LE(entries, at + 8);
  target.writeUInt16LE(entries, at + 10);
  target.writeUInt32LE(at - offset, at + 12);
  target.writeUInt32LE(offset, at + 16);
}

/** A field in which a header is not what a writer would emit. */
export interface FieldDifference {
  readonly field: HeaderField;
  readonly expected: number;
  readonly actual: number;
}

/** The first field of the local header at `at` that a writer would write otherwise; the name is not looked at. */
export function differenceInLocalHeader(
  source: Buffer,
  at: number,
  entry: EntryFields,
): FieldDifference | undefined {
  return difference(source, at, local, entry);
}

/** The first field of the directory's record at `at` that a writer would write otherwise. */
export function differenceInCentralRecord(
  source: Buffer,
  at: number,
  entry: EntryFields,
): FieldDifference | undefined {
  return difference(source, at, central, entry);
}

function difference(
  source: Buffer,
  at: number,
  layout: Layout,
  entry: EntryFields,
): FieldDifference | undefined {
  let place = at;
  for (const [field, width, value] of layout) {
    const expected = typeof value === "number" ? value : value(entry);
    const actual = source.readUIntLE(place, width);
    if (actual !== expected) return { field, expected, actual };
    place += width;
  }
  return undefined;
}

function writeHeader(target: Buffer, at: number, layout: Layout, entry: EntryFields): number {
  let place = at;
  for (const [, width, value] of layout) {
    place = target.writeUIntLE(typeof value === "number" ? value : value(entry), place, width);
  }
  target.set(entry.name, place);
  return place + entry.name.length;
}
