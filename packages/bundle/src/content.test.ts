import { crc32, deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type RawEntry, rawBundle } from "./testing/raw-zip.ts";
import { type HostileCase, rejectionOf } from "./testing/workbench.ts";

const text = "x".repeat(1_000);
const stream = deflateRawSync(text);
const z: RawEntry = { name: "z", content: text, data: stream };
const junk = new Uint8Array(9);

const cases: readonly HostileCase[] = [
  [
    "a stream that is cut",
    rawBundle([{ ...z, data: stream.subarray(0, -1) }]),
    { kind: "deflate_corrupt", path: "z", detail: "Z_BUF_ERROR" },
  ],
  [
    "a stream of garbage",
    rawBundle([{ ...z, data: Buffer.alloc(20, 0xff) }]),
    { kind: "deflate_corrupt", path: "z", detail: "Z_DATA_ERROR" },
  ],
  [
    "more bytes than declared",
    rawBundle([{ ...z, both: { size: 999 } }]),
    { kind: "size_mismatch", path: "z", expected: 999 },
  ],
  [
    "fewer bytes than declared",
    rawBundle([{ ...z, both: { size: 1_001 } }]),
    { kind: "size_mismatch", path: "z", expected: 1_001, actual: 1_000 },
  ],
  [
    "bytes where none are declared",
    rawBundle([{ ...z, both: { size: 0 } }]),
    { kind: "size_mismatch", path: "z", expected: 0 },
  ],
  [
    "one byte where none is declared",
    rawBundle([{ ...z, data: deflateRawSync("x"), both: { size: 0 } }]),
    { kind: "size_mismatch", path: "z", expected: 0, actual: 1 },
  ],
  [
    "bytes after the stream",
    rawBundle([{ ...z, data: Buffer.concat([stream, junk]) }]),
    { kind: "deflate_trailing_bytes", path: "z", bytes: 9 },
  ],
  [
    "another CRC of an inflated entry",
    rawBundle([{ ...z, both: { crc: 7 } }]),
    { kind: "crc_mismatch", path: "z", expected: 7, actual: crc32(text) },
  ],
];

describe("the content of an entry", () => {
  it.each(cases)("refuses %s", (_what, archive, rejection) => {
    expect(rejectionOf(archive)).toEqual(rejection);
  });
});
