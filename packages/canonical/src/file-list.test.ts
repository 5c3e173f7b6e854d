import {
  CanonicalError,
  checkSafePath,
  type FileListRow,
  foldKey,
  formatFileList,
  parseFileList,
  parseSafePath,
} from "@sigilrt/canonical";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const hash = "0".repeat(64);
const list = (...paths: readonly string[]): string =>
  paths.map((path) => `${hash}  ${path}\n`).join("");

const path = fc
  .array(fc.string({ minLength: 1, maxLength: 4, unit: "grapheme" }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((segments) => segments.join("/"))
  .filter((text) => checkSafePath(text) === undefined && foldKey(text) !== "manifest.txt");
const rows = fc
  .uniqueArray(path, { maxLength: 8 })
  .map((paths) => paths.map((text): FileListRow => ({ path: parseSafePath(text), sha256: hash })));

const failureOf = (work: () => unknown): string => {
  try {
    work();
    return "none";
  } catch (error) {
    return error instanceof CanonicalError ? error.name : String(error);
  }
};

describe("file lists", () => {
  it("reads back what it writes, in the order of UTF-8 bytes", () => {
    fc.assert(
      fc.property(rows, (given) => {
        const read = parseFileList(bytes(formatFileList(given)));
        const inBytes = given.toSorted((left, right) =>
          Buffer.compare(Buffer.from(left.path), Buffer.from(right.path)),
        );
        expect(read).toEqual(inBytes);
      }),
    );
  });

  it("writes nothing for an empty tree", () => {
    expect(formatFileList([])).toBe("");
    expect(parseFileList(new Uint8Array())).toEqual([]);
  });

  it("puts U+FF5E before U+1F600, unlike the order of UTF-16", () => {
    expect(() => parseFileList(bytes(list("～.md", "😀.md")))).not.toThrow();
    expect(() => parseFileList(bytes(list("😀.md", "～.md")))).toThrow(
      expect.objectContaining({ reason: "order", line: 2 }),
    );
  });

  it.each([
    ["not-utf8", Uint8Array.of(0xff, 0x0a), undefined],
    ["no-final-newline", bytes(`${hash}  a`), undefined],
    ["syntax", bytes(`${hash} a\n`), 1],
    ["syntax", bytes(`${"A".repeat(64)}  a\n`), 1],
    ["syntax", bytes(`\uFEFF${list("a")}`), 1],
    ["syntax", bytes(`${list("a")}\n`), 2],
    ["syntax", bytes("\n"), 1],
    ["path", bytes(list("../a")), 1],
    ["path", bytes(list("a\r")), 1],
    ["self", bytes(list("a", "manifest.txt")), 2],
    ["self", bytes(list("Manifest.TXT")), 1],
    ["order", bytes(list("b", "a")), 2],
    ["order", bytes(list("a", "a")), 2],
  ])("refuses %s", (reason, input, line) => {
    expect(() => parseFileList(input)).toThrow(
      expect.objectContaining({ code: "FILE_LIST_MALFORMED", reason, line }),
    );
  });

  it.each([
    ["syntax", [{ path: "a", sha256: "0" }]],
    ["path", [{ path: "../a", sha256: hash }]],
    ["self", [{ path: "MANIFEST.txt", sha256: hash }]],
    [
      "order",
      [
        { path: "a", sha256: hash },
        { path: "a", sha256: hash },
      ],
    ],
  ])("writes no list with a fault of %s", (reason, given) => {
    expect(() => formatFileList(given as unknown as readonly FileListRow[])).toThrow(
      expect.objectContaining({ code: "FILE_LIST_MALFORMED", reason }),
    );
  });

  it("throws nothing but CanonicalError, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (input) => {
        expect(failureOf(() => parseFileList(input))).toMatch(/^(?:none|CanonicalError)$/u);
      }),
    );
  });
});
