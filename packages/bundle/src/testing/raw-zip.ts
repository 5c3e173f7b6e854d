// Writes any ZIP file, also a hostile one. It shares nothing with the writer that it tests.
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/** Values of header fields, by their place in the central record. */
export interface Fields {
  readonly madeBy?: number;
  readonly needed?: number;
  readonly flags?: number;
  readonly method?: number;
  readonly time?: number;
  readonly date?: number;
  readonly crc?: number;
  readonly compressed?: number;
  readonly size?: number;
  readonly nameLength?: number;
  readonly extraLength?: number;
  readonly commentLength?: number;
  readonly disk?: number;
  readonly internal?: number;
  readonly external?: number;
  readonly offset?: number;
}

/** One entry: what a bundle would have there, and what stands there instead. */
export interface RawEntry {
  readonly name: string | Uint8Array;
  readonly content: string | Uint8Array;
  /** The bytes in the archive; the content unless given. */
  readonly data?: Uint8Array;
  /** Fields of both headers. */
  readonly both?: Fields;
  /** Fields of the central record alone. */
  readonly central?: Fields;
  /** Fields of the local header alone. */
  readonly local?: Fields;
  /** Another name in the local header. */
  readonly localName?: string;
  /** Bytes in front of the local entry. */
  readonly before?: Uint8Array;
  /** Extra field of the central record. */
  readonly extra?: Uint8Array;
  /** Leaves out the record of the directory. */
  readonly unlisted?: true;
}

/** The end record and what stands around it. */
export interface RawEnd {
  readonly disk?: number;
  readonly directoryDisk?: number;
  readonly entriesOnDisk?: number;
  readonly entries?: number;
  readonly size?: number;
  readonly offset?: number;
  readonly commentLength?: number;
  /** Bytes between the local entries and the directory. */
  readonly gap?: Uint8Array;
  /** Bytes between the directory and the end record. */
  readonly beforeEnd?: Uint8Array;
  /** Bytes after the end record. */
  readonly after?: Uint8Array;
}

const bytesOf = (value: string | Uint8Array): Buffer =>
  typeof value === "string" ? Buffer.from(value) : Buffer.from(value);

/** Numbers of two and four bytes, little end first, and bytes as they are. */
function pack(...parts: readonly (readonly [width: 2 | 4, value: number] | Uint8Array)[]): Buffer {
  return Buffer.concat(
    parts.map((part) => {
      if (part instanceof Uint8Array) return part;
      const [width, value] = part;
      const field = Buffer.alloc(width);
      field.writeUIntLE(value, 0, width);
      return field;
    }),
  );
}

/** The file list of entries. */
export function listOf(entries: readonly RawEntry[]): string {
  return entries
    .map(({ name, content }) => {
      const sha256 = createHash("sha256").update(content).digest("hex");
      return `${sha256}  ${bytesOf(name).toString("latin1")}\n`;
    })
    .map((line) => Buffer.from(line, "latin1").toString())
    .join("");
}

/** An archive with its file list in front. */
export function rawBundle(entries: readonly RawEntry[], end: RawEnd = {}): Uint8Array {
  return rawZip([{ name: "manifest.txt", content: listOf(entries) }, ...entries], end);
}

/** An archive of exactly these entries. */
export function rawZip(entries: readonly RawEntry[], end: RawEnd = {}): Uint8Array {
  const locals: Buffer[] = [];
  const records: Buffer[] = [];
  let at = 0;
  for (const entry of entries) {
    const { before = new Uint8Array() } = entry;
    const { local, central } = headersOf(entry, at + before.length);
    const data = entry.data ?? bytesOf(entry.content);
    locals.push(Buffer.concat([before, local, data]));
    at += before.length + local.length + data.length;
    if (!entry.unlisted) records.push(central);
  }
  const { gap = new Uint8Array(), beforeEnd = new Uint8Array(), after = new Uint8Array() } = end;
  const directory = Buffer.concat(records);
  const record = pack(
    Buffer.from("PK\u0005\u0006"),
    [2, end.disk ?? 0],
    [2, end.directoryDisk ?? 0],
    [2, end.entriesOnDisk ?? end.entries ?? records.length],
    [2, end.entries ?? records.length],
    [4, end.size ?? directory.length],
    [4, end.offset ?? at + gap.length],
    [2, end.commentLength ?? 0],
  );
  return new Uint8Array(Buffer.concat([...locals, gap, directory, beforeEnd, record, after]));
}

function headersOf(
  entry: RawEntry,
  offset: number,
): { readonly local: Buffer; readonly central: Buffer } {
  const content = bytesOf(entry.content);
  const standard: Required<Fields> = {
    madeBy: 0x031e,
    needed: 20,
    flags: 0x0800,
    method: entry.data ? 8 : 0,
    time: 0,
    date: 0x21,
    crc: crc32(content),
    compressed: (entry.data ?? content).length,
    size: content.length,
    nameLength: bytesOf(entry.name).length,
    extraLength: entry.extra?.length ?? 0,
    commentLength: 0,
    disk: 0,
    internal: 0,
    external: 0o100644 * 65_536,
    offset,
    ...entry.both,
  };
  const shared = (fields: Required<Fields>): readonly (readonly [2 | 4, number])[] => [
    [2, fields.needed],
    [2, fields.flags],
    [2, fields.method],
    [2, fields.time],
    [2, fields.date],
    [4, fields.crc],
    [4, fields.compressed],
    [4, fields.size],
    [2, fields.nameLength],
    [2, fields.extraLength],
  ];
  const inner = { ...standard, extraLength: 0, ...entry.local };
  const outer = { ...standard, ...entry.central };
  const localName = bytesOf(entry.localName ?? entry.name);
  const local = pack(Buffer.from("PK\u0003\u0004"), ...shared(inner), localName);
  const central = pack(
    Buffer.from("PK\u0001\u0002"),
    [2, outer.madeBy],
    ...shared(outer),
    [2, outer.commentLength],
    [2, outer.disk],
    [2, outer.internal],
    [4, outer.external],
    [4, outer.offset],
    bytesOf(entry.name),
    entry.extra ?? new Uint8Array(),
  );
  return { local, central };
}
