import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { listOf, type RawEntry, rawBundle, rawZip } from "./testing/raw-zip.ts";
import { type HostileCase, rejectionOf } from "./testing/workbench.ts";

const a: RawEntry = { name: "a.js", content: "a" };
const b: RawEntry = { name: "b.js", content: "b" };
const text = "x".repeat(1_000);
const stream = deflateRawSync(text);
const z: RawEntry = { name: "z", content: text, data: stream };
const list = (...entries: readonly RawEntry[]): RawEntry => ({
  name: "manifest.txt",
  content: listOf(entries),
});
const junk = new Uint8Array(9);
const path = "a.js";

const cases: readonly HostileCase[] = [
  [
    "two entries of one range",
    rawBundle([z, { ...b, name: "z2", central: { offset: 179 } }]),
    { kind: "overlapping_entries", path: "z2", offset: 179, expected: 179 + 31 + stream.length },
  ],
  [
    "an entry that takes the first byte of the directory",
    rawBundle([{ ...a, both: { compressed: 2, size: 2 } }]),
    { kind: "entry_out_of_bounds", path, end: 149, directoryAt: 148 },
  ],
  [
    "an entry that no record names",
    rawZip([list(a), a, { ...b, unlisted: true }]),
    { kind: "hidden_data", at: 148, bytes: 35 },
  ],
  [
    "bytes in front of the first entry",
    rawZip([{ ...list(a), before: junk }, a]),
    { kind: "hidden_data", path: "manifest.txt", at: 0, bytes: 9 },
  ],
  [
    "bytes before the directory",
    rawBundle([a], { gap: junk }),
    { kind: "hidden_data", at: 148, bytes: 9 },
  ],
];

describe("the entries of an archive", () => {
  it.each(cases)("refuses %s", (_what, archive, rejection) => {
    expect(rejectionOf(archive)).toEqual(rejection);
  });

  it.each([
    ["needed", "version-needed"],
    ["flags", "flags"],
    ["method", "method"],
    ["time", "time"],
    ["date", "date"],
    ["crc", "crc"],
    ["compressed", "compressed-size"],
    ["size", "size"],
    ["nameLength", "name-length"],
    ["extraLength", "extra-length"],
  ])("refuses another %s in the entry's own header", (name, field) => {
    const archive = rawBundle([{ ...a, local: { [name]: 99 } }]);
    expect(rejectionOf(archive)).toMatchObject({
      kind: "local_header_mismatch",
      path,
      field,
      actual: 99,
    });
  });

  it("refuses another name in the entry's own header", () => {
    expect(rejectionOf(rawBundle([{ ...a, localName: "b.js" }]))).toEqual({
      kind: "local_header_mismatch",
      path,
      field: "name",
      expected: "612e6a73",
      actual: "622e6a73",
    });
  });
});
