import { checkSafePath } from "@sigilrt/canonical";
import type { DirectoryPlace } from "./end-record.ts";
import { type BundleLimits, exceedsRatio } from "./limits.ts";
import { refuse, type Refused } from "./rejection.ts";
import {
  CENTRAL_RECORD_BYTES,
  CENTRAL_RECORD_SIGNATURE,
  DEFLATED,
  differenceInCentralRecord,
  type EntryFields,
  STORED,
} from "./zip-records.ts";

/** An entry as the directory has it. */
export interface DirectoryEntry extends EntryFields {
  readonly ok: true;
  readonly path: string;
}

/** The name of the file list in an archive and in a tree. */
export const FILE_LIST = "manifest.txt";

const ENCRYPTED = 0x20_41;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Checks 8 to 19: each record of the directory, and that they fill it. */
export function readCentralDirectory(
  bytes: Buffer,
  { entries, offset, end }: DirectoryPlace,
  limits: BundleLimits,
): { readonly ok: true; readonly entries: readonly DirectoryEntry[] } | Refused {
  const found: DirectoryEntry[] = [];
  let at = offset;
  for (let count = 0; count < entries; count += 1) {
    const record = readRecord(bytes, at, end, limits);
    if (!record.ok) return record;
    found.push(record);
    at += CENTRAL_RECORD_BYTES + record.name.length;
  }
  if (at !== end) {
    return refuse({ kind: "central_directory_malformed", reason: "length", at, end });
  }
  return { ok: true, entries: found };
}

function readRecord(
  bytes: Buffer,
  at: number,
  end: number,
  limits: BundleLimits,
): DirectoryEntry | Refused {
  const isRecord = at + CENTRAL_RECORD_BYTES <= end;
  if (!isRecord || bytes.readUInt32LE(at) !== CENTRAL_RECORD_SIGNATURE) {
    const reason = isRecord ? "signature" : "bounds";
    return refuse({ kind: "central_directory_malformed", reason, at, end });
  }
  const nameLength = bytes.readUInt16LE(at + 28);
  const furtherLength = bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  if (at + CENTRAL_RECORD_BYTES + nameLength + furtherLength > end) {
    return refuse({ kind: "central_directory_malformed", reason: "bounds", at, end });
  }
  const nameAt = at + CENTRAL_RECORD_BYTES;
  const name = bytes.subarray(nameAt, nameAt + nameLength);
  const path = decode(name);
  if (path === undefined) {
    return refuse({ kind: "path_unsafe", pathHex: name.toString("hex"), reason: "not-utf8" });
  }
  const entry: DirectoryEntry = {
    ok: true,
    path,
    name,
    method: bytes.readUInt16LE(at + 10),
    crc: bytes.readUInt32LE(at + 16),
    compressedBytes: bytes.readUInt32LE(at + 20),
    bytes: bytes.readUInt32LE(at + 24),
    offset: bytes.readUInt32LE(at + 42),
  };
  return (
    checkKind(entry, bytes.readUInt16LE(at + 8), bytes.readUInt32LE(at + 38)) ??
    checkSize(entry, limits) ??
    checkFields(bytes, at, entry) ??
    entry
  );
}

/** Checks 10 to 15: a plain file with a safe path. */
function checkKind(
  { path, method }: DirectoryEntry,
  flags: number,
  attributes: number,
): Refused | undefined {
  if ((flags & ENCRYPTED) !== 0) return refuse({ kind: "encrypted_entry", path, flags });
  if (method !== STORED && method !== DEFLATED) {
    return refuse({ kind: "method_not_allowed", path, method });
  }
  const type = attributes >>> 28;
  // A link, then a file "through" it, would be written wherever the link points.
  if (type === UNIX_LINK) return refuse({ kind: "symlink_entry", path });
  if (path.endsWith("/")) return refuse({ kind: "directory_entry", path });
  // Writers that state no Unix type are told what differs by the comparison of all fields.
  if (type !== UNIX_FILE && type !== NOT_STATED) {
    return refuse({ kind: "special_file_entry", path, type: unixTypes[type] ?? "unknown" });
  }
  // Zip slip: an entry named "../x" would land outside the target.
  const reason = checkSafePath(path);
  return reason === undefined ? undefined : refuse({ kind: "path_unsafe", path, reason });
}

const NOT_STATED = 0;
const UNIX_FILE = 0o10;
const UNIX_LINK = 0o12;
const unixTypes: Readonly<Record<number, "pipe" | "device" | "folder" | "socket">> = {
  0o1: "pipe",
  0o2: "device",
  0o4: "folder",
  0o6: "device",
  0o14: "socket",
};

/** Checks 16 and 17: what inflating may cost. */
function checkSize(
  { path, bytes, compressedBytes }: DirectoryEntry,
  { maxEntryBytes, maxRatio }: BundleLimits,
): Refused | undefined {
  if (bytes > maxEntryBytes) {
    return refuse({ kind: "entry_too_large", path, bytes, maxBytes: maxEntryBytes });
  }
  return exceedsRatio(bytes, compressedBytes, maxRatio)
    ? refuse({ kind: "compression_ratio", path, compressedBytes, bytes, maxRatio })
    : undefined;
}

/** Check 18: the record is the one that a writer would emit. The file list is stored, and stored bytes have one size. */
function checkFields(bytes: Buffer, at: number, entry: DirectoryEntry): Refused | undefined {
  const method = entry.path === FILE_LIST ? STORED : entry.method;
  const compressedBytes = method === STORED ? entry.bytes : entry.compressedBytes;
  const found = differenceInCentralRecord(bytes, at, { ...entry, method, compressedBytes });
  return found && refuse({ kind: "noncanonical_header", path: entry.path, ...found });
}

function decode(name: Uint8Array): string | undefined {
  try {
    return decoder.decode(name);
  } catch {
    return undefined;
  }
}
