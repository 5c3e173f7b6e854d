import { crc32, inflateRawSync } from "node:zlib";
import { codeOf } from "./bundle-error.ts";
import type { DirectoryEntry } from "./central-directory.ts";
import { contentRange } from "./local-entries.ts";
import { refuse, type Refused } from "./rejection.ts";
import { DEFLATED } from "./zip-records.ts";

/** The content of an entry; of a stored one a view on the archive. */
export interface EntryContent {
  readonly ok: true;
  readonly path: string;
  readonly content: Uint8Array;
}

/** Checks 28 to 31: the content is what the headers declare. */
export function readContent(bytes: Buffer, entry: DirectoryEntry): EntryContent | Refused {
  const { path, method, crc } = entry;
  const { start, end } = contentRange(entry);
  const compressed = new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
  if (method === DEFLATED) {
    const inflated = inflate(compressed, entry);
    return inflated.ok ? checkCrc(path, inflated.content, crc) : inflated;
  }
  return checkCrc(path, compressed, crc);
}

function inflate(
  compressed: Uint8Array,
  { path, bytes }: DirectoryEntry,
): { readonly ok: true; readonly content: Uint8Array } | Refused {
  let result: InflateResult;
  try {
    // With room for one byte more than declared, zlib works in one buffer: a lying header costs what it declared.
    const chunkSize = Math.max(MIN_CHUNK, bytes + 1);
    result = inflateWithInfo(compressed, { maxOutputLength: Math.max(1, bytes), chunkSize });
  } catch (cause) {
    const detail = codeOf(cause);
    if (detail === "ERR_BUFFER_TOO_LARGE") {
      return refuse({ kind: "size_mismatch", path, expected: bytes });
    }
    if (detail !== "Z_DATA_ERROR" && detail !== "Z_BUF_ERROR") throw cause;
    return refuse({ kind: "deflate_corrupt", path, detail });
  }
  const { buffer, engine } = result;
  // What lies behind the stream is read by no unpacker and would be a place for another content.
  const unread = compressed.length - engine.bytesWritten;
  if (unread !== 0) return refuse({ kind: "deflate_trailing_bytes", path, bytes: unread });
  if (buffer.length !== bytes) {
    return refuse({ kind: "size_mismatch", path, expected: bytes, actual: buffer.length });
  }
  return {
    ok: true,
    content: new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length),
  };
}

function checkCrc(path: string, content: Uint8Array, expected: number): EntryContent | Refused {
  const actual = crc32(content);
  return actual === expected
    ? { ok: true, path, content }
    : refuse({ kind: "crc_mismatch", path, expected, actual });
}

const MIN_CHUNK = 64;

interface InflateResult {
  readonly buffer: Buffer<ArrayBuffer>;
  /** `bytesWritten` counts the compressed bytes that the stream took. */
  readonly engine: { readonly bytesWritten: number };
}

/** With `info`, zlib answers its engine beside the bytes; the declared type knows only the bytes. */
function inflateWithInfo(
  compressed: Uint8Array,
  options: { readonly maxOutputLength: number; readonly chunkSize: number },
): InflateResult {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return inflateRawSync(compressed, { ...options, info: true }) as unknown as InflateResult;
}
