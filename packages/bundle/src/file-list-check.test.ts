import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { listOf, type RawEntry, rawZip } from "./testing/raw-zip.ts";
import { type HostileCase, rejectionOf } from "./testing/workbench.ts";

const a: RawEntry = { name: "a.js", content: "a" };
const b: RawEntry = { name: "b.js", content: "b" };
const list = (...entries: readonly RawEntry[]): RawEntry => ({
  name: "manifest.txt",
  content: listOf(entries),
});
const path = "a.js";

const cases: readonly HostileCase[] = [
  [
    "a list with CRLF",
    rawZip([{ ...list(a), content: listOf([a]).replace("\n", "\r\n") }, a]),
    { kind: "file_list_malformed", reason: "path", line: 1 },
  ],
  [
    "a list without its last newline",
    rawZip([{ ...list(a), content: listOf([a]).trimEnd() }, a]),
    { kind: "file_list_malformed", reason: "no-final-newline" },
  ],
  [
    "a list that is not UTF-8",
    rawZip([{ ...list(a), content: Uint8Array.of(0xff) }, a]),
    { kind: "file_list_malformed", reason: "not-utf8" },
  ],
  [
    "a list in capitals",
    rawZip([{ ...list(a), content: listOf([a]).toUpperCase() }, a]),
    { kind: "file_list_malformed", reason: "syntax", line: 1 },
  ],
  [
    "a list that names itself",
    rawZip([list(a, { name: "manifest.txt", content: "" }), a]),
    { kind: "file_list_malformed", reason: "self", line: 2 },
  ],
  [
    "a list out of order",
    rawZip([list(b, a), a, b]),
    { kind: "file_list_malformed", reason: "order", line: 2 },
  ],
  [
    "a line twice",
    rawZip([list(a, a), a]),
    { kind: "file_list_malformed", reason: "order", line: 2 },
  ],
  ["an empty list beside a file", rawZip([list(), a]), { kind: "unlisted_file", path }],
  [
    "a wrong hash before an absent file",
    rawZip([list({ ...a, content: "x" }, b), a]),
    { kind: "listed_file_missing", path: "b.js" },
  ],
  [
    "a wrong hash before an unlisted file",
    rawZip([list({ ...a, content: "x" }), a, b]),
    {
      kind: "file_hash_mismatch",
      path,
      expected: createHash("sha256").update("x").digest("hex"),
      actual: createHash("sha256").update("a").digest("hex"),
    },
  ],
];

describe("the file list of an archive", () => {
  it.each(cases)("refuses %s", (_what, archive, rejection) => {
    expect(rejectionOf(archive)).toEqual(rejection);
  });
});
