import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type Fields, listOf, type RawEntry, rawBundle, rawZip } from "./testing/raw-zip.ts";
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
const fields: readonly (readonly [keyof Fields, field: string])[] = [
  ["madeBy", "version-made-by"],
  ["needed", "version-needed"],
  ["time", "time"],
  ["date", "date"],
  ["commentLength", "comment-length"],
  ["disk", "disk"],
  ["internal", "internal-attributes"],
];

const cases: readonly HostileCase[] = [
  [
    "a name that is not UTF-8",
    rawBundle([{ ...a, name: Uint8Array.of(0x61, 0xff) }]),
    { kind: "path_unsafe", pathHex: "61ff", reason: "not-utf8" },
  ],
  [
    "strong encryption",
    rawBundle([{ ...a, both: { flags: 0x0840 } }]),
    { kind: "encrypted_entry", path, flags: 0x0840 },
  ],
  [
    "a link to the inside",
    rawBundle([{ ...a, both: { external: 0o120777 * 65_536 } }]),
    { kind: "symlink_entry", path },
  ],
  [
    "a folder with content",
    rawBundle([{ name: "d/", content: "d" }]),
    { kind: "directory_entry", path: "d/" },
  ],
  [
    "a folder that is named like a file",
    rawBundle([{ ...a, both: { external: 0o40755 * 65_536 } }]),
    { kind: "special_file_entry", path, type: "folder" },
  ],
  [
    "a device",
    rawBundle([{ ...a, both: { external: 0o20644 * 65_536 } }]),
    { kind: "special_file_entry", path, type: "device" },
  ],
  [
    "a socket",
    rawBundle([{ ...a, both: { external: 0o140644 * 65_536 } }]),
    { kind: "special_file_entry", path, type: "socket" },
  ],
  [
    "bytes out of nothing",
    rawBundle([{ ...a, both: { method: 8, compressed: 0 } }]),
    { kind: "compression_ratio", path, compressedBytes: 0, bytes: 1, maxRatio: 200 },
  ],
  [
    "a deflated file list",
    rawZip([{ ...list(z), data: deflateRawSync(listOf([z])) }, z]),
    { kind: "noncanonical_header", path: "manifest.txt", field: "method", expected: 0, actual: 8 },
  ],
  [
    "a stored entry of two sizes",
    rawBundle([{ ...a, both: { compressed: 2 } }]),
    { kind: "noncanonical_header", path, field: "compressed-size", expected: 1, actual: 2 },
  ],
  [
    "an extra field that renames",
    rawBundle([{ ...a, extra: junk }]),
    { kind: "noncanonical_header", path, field: "extra-length", expected: 0, actual: 9 },
  ],
  [
    "a folder of two spellings",
    rawBundle([
      { ...a, name: "A/x" },
      { ...a, name: "a/y" },
    ]),
    { kind: "path_collision", path: "a", other: "A" },
  ],
  [
    "a file that is a folder too",
    rawBundle([
      { ...a, name: "d" },
      { ...a, name: "d/e" },
    ]),
    { kind: "path_collision", path: "d", other: "d" },
  ],
  [
    "a folder that is a file too",
    rawBundle([
      { ...a, name: "d/e" },
      { ...a, name: "d" },
    ]),
    { kind: "path_collision", path: "d", other: "d" },
  ],
  [
    "the file list in other letters",
    rawBundle([{ ...a, name: "MANIFEST.txt" }]),
    { kind: "path_collision", path: "MANIFEST.txt", other: "manifest.txt" },
  ],
];

describe("the directory of an archive", () => {
  it.each(cases)("refuses %s", (_what, archive, rejection) => {
    expect(rejectionOf(archive)).toEqual(rejection);
  });

  it.each(fields)("refuses another %s in the directory", (name, field) => {
    const archive = rawBundle([
      { ...a, central: { [name]: 1 } },
      { ...b, name: "b".repeat(99) },
    ]);
    expect(rejectionOf(archive)).toMatchObject({
      kind: "noncanonical_header",
      path,
      field,
      actual: 1,
    });
  });

  it.each([0o100755, 0o104644, 0o100600, 0])("refuses mode %o", (mode) => {
    const archive = rawBundle([{ ...a, both: { external: mode * 65_536 } }]);
    expect(rejectionOf(archive)).toMatchObject({
      kind: "noncanonical_header",
      field: "external-attributes",
    });
  });

  it.each([0, 0x0808, 0x0802])("refuses flags %i", (flags) => {
    const archive = rawBundle([{ ...a, both: { flags } }]);
    expect(rejectionOf(archive)).toMatchObject({
      kind: "noncanonical_header",
      field: "flags",
      actual: flags,
    });
  });
});
