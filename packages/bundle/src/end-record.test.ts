import { describe, expect, it } from "vitest";
import { listOf, type RawEntry, rawBundle, rawZip } from "./testing/raw-zip.ts";
import { type HostileCase, rejectionOf } from "./testing/workbench.ts";

const a: RawEntry = { name: "a.js", content: "a" };
const list = (...entries: readonly RawEntry[]): RawEntry => ({
  name: "manifest.txt",
  content: listOf(entries),
});
const junk = new Uint8Array(9);
const one = rawBundle([a]);
const path = "a.js";

const cases: readonly HostileCase[] = [
  ["nothing", new Uint8Array(), { kind: "not_a_zip", bytes: 0 }],
  [
    "an end record out of reach",
    new Uint8Array([...one, ...new Uint8Array(65_536)]),
    { kind: "not_a_zip", bytes: one.length + 65_536 },
  ],
  [
    "a comment",
    rawBundle([a], { commentLength: 9, after: junk }),
    { kind: "trailing_data", endRecordAt: 256, bytes: 9, commentBytes: 9 },
  ],
  [
    "a comment that is not there",
    rawBundle([a], { commentLength: 9 }),
    { kind: "trailing_data", endRecordAt: 256, bytes: 0, commentBytes: 9 },
  ],
  [
    "an archive inside a comment",
    rawBundle([a], { commentLength: one.length, after: one }),
    { kind: "central_directory_misplaced", offset: 148, bytes: 108, endRecordAt: 534 },
  ],
  [
    "a directory on another disk",
    rawBundle([a], { directoryDisk: 1 }),
    { kind: "multi_disk", disk: 0, directoryDisk: 1, entriesOnDisk: 2, entries: 2 },
  ],
  [
    "counts that differ",
    rawBundle([a], { entriesOnDisk: 1 }),
    { kind: "multi_disk", disk: 0, directoryDisk: 0, entriesOnDisk: 1, entries: 2 },
  ],
  [
    "a ZIP64 count",
    rawBundle([a], { entries: 0xffff }),
    { kind: "zip64_not_allowed", sign: "end-record" },
  ],
  [
    "a ZIP64 size",
    rawBundle([a], { size: 0xff_ff_ff_ff }),
    { kind: "zip64_not_allowed", sign: "end-record" },
  ],
  [
    "a ZIP64 locator",
    rawBundle([a], {
      beforeEnd: Buffer.concat([Buffer.from("PK\u0006\u0007"), new Uint8Array(16)]),
    }),
    { kind: "zip64_not_allowed", sign: "locator" },
  ],
  [
    "a directory that begins too early",
    rawBundle([a], { offset: 9 }),
    { kind: "central_directory_misplaced", offset: 9, bytes: 108, endRecordAt: 256 },
  ],
  [
    "a count that is too high",
    rawBundle([a], { entries: 3 }),
    { kind: "central_directory_malformed", reason: "bounds", at: 256, end: 256 },
  ],
  [
    "a count that is too low",
    rawBundle([a], { entries: 1 }),
    { kind: "central_directory_malformed", reason: "length", at: 206, end: 256 },
  ],
  [
    "no record where one must be",
    rawBundle([a], { offset: 147, size: 109 }),
    { kind: "central_directory_malformed", reason: "signature", at: 147, end: 256 },
  ],
  [
    "a name that reaches out of the directory",
    rawBundle([{ ...a, central: { nameLength: 5 } }]),
    { kind: "central_directory_malformed", reason: "bounds", at: 206, end: 256 },
  ],
  [
    "an extra field that reaches out of the directory",
    rawBundle([{ ...a, central: { extraLength: 9 } }]),
    { kind: "central_directory_malformed", reason: "bounds", at: 206, end: 256 },
  ],
  [
    "a comment of an entry that reaches out of the directory",
    rawBundle([{ ...a, central: { commentLength: 9 } }]),
    { kind: "central_directory_malformed", reason: "bounds", at: 206, end: 256 },
  ],
  ["an archive without entries", rawZip([]), { kind: "file_list_missing" }],
  ["a file list that comes second", rawZip([a, list(a)]), { kind: "file_list_missing", path }],
];

describe("the frame of an archive", () => {
  it.each(cases)("refuses %s", (_what, archive, rejection) => {
    expect(rejectionOf(archive)).toEqual(rejection);
  });
});
