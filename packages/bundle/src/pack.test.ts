import { createHash } from "node:crypto";
import { checkSafePath, foldKey, formatFileList, parseSafePath } from "@sigilrt/canonical";
import { type BundleFile, inspectBundle, packBundle } from "@sigilrt/bundle";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { files, rejectionOf } from "./testing/workbench.ts";

const sha256 = (bytes: string | Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");
const digestOf = (tree: readonly BundleFile[]): string => {
  const rows = tree.map(({ path, content }) => ({
    path: parseSafePath(path),
    sha256: sha256(content),
  }));
  return `tree1-sha256:${sha256(formatFileList(rows))}`;
};

const segment = fc.oneof(
  fc.constantFrom("a", "b", "é", "～", "😀", "a b", "%2e", ".x"),
  fc.string({ minLength: 1, maxLength: 4, unit: "grapheme" }),
);
const path = fc
  .array(segment, { minLength: 1, maxLength: 3 })
  .map((segments) => segments.join("/"))
  .filter((text) => checkSafePath(text) === undefined && foldKey(text) !== "manifest.txt");
const prefixes = (text: string): readonly string[] =>
  text.split("/").map((_, at, segments) => segments.slice(0, at + 1).join("/"));
/** Trees without collisions: each prefix of a path has one spelling, and none is a file and a folder. */
const isTree = (paths: readonly string[]): boolean => {
  const folders = new Set(paths.flatMap((text) => prefixes(text).slice(0, -1)));
  const all = new Set([...folders, ...paths]);
  const keys = new Set([...all].map((text) => foldKey(text)));
  return keys.size === all.size && all.size === folders.size + paths.length;
};
const content = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.nat(2_000).map((length) => new Uint8Array(length).fill(97)),
);
const tree = fc
  .uniqueArray(path, { maxLength: 8 })
  .filter((paths) => isTree(paths))
  .chain((paths) =>
    fc.tuple(...paths.map((name) => fc.record({ path: fc.constant(name), content }))),
  );
const compression = fc.constantFrom("store", "deflate");

describe("packBundle", () => {
  it("writes what inspectBundle reads back, with the digest of the tree", () => {
    fc.assert(
      fc.property(tree, compression, (given, form) => {
        const verdict = inspectBundle(packBundle(given, { compression: form }));
        const sorted = given.toSorted((left, right) =>
          Buffer.compare(Buffer.from(left.path), Buffer.from(right.path)),
        );
        expect(verdict).toEqual({ ok: true, digest: digestOf(given), files: sorted });
      }),
      { numRuns: 300 },
    );
  });

  it("does not depend on the order of the files", () => {
    fc.assert(
      fc.property(tree, compression, (given, form) => {
        const packed = packBundle(given, { compression: form });
        expect(packBundle(given.toReversed(), { compression: form })).toEqual(packed);
      }),
    );
  });

  it("writes a stored bundle of which no bit may change, no byte may be missing and none added", () => {
    fc.assert(
      fc.property(tree, fc.nat(), fc.nat(7), fc.nat(255), (given, place, bit, byte) => {
        const packed = packBundle(given);
        const at = place % packed.length;
        const flipped = packed.map((value, index) => (index === at ? value ^ (1 << bit) : value));
        expect(inspectBundle(flipped).ok).toBe(false);
        expect(inspectBundle(packed.subarray(0, at)).ok).toBe(false);
        expect(inspectBundle(new Uint8Array([...packed, byte])).ok).toBe(false);
        expect(inspectBundle(new Uint8Array([byte, ...packed])).ok).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it("deflates only what becomes shorter, and never what the gate would not inflate", () => {
    const given = files({ short: "ab", text: "text ".repeat(100), zeros: "0".repeat(1_000_000) });
    const packed = packBundle(given, { compression: "deflate" });
    expect(rejectionOf(packed)).toBeUndefined();
    expect(packed.length).toBeGreaterThan(1_000_000);
    expect(packed.length).toBeLessThan(1_000_800);
  });

  it.each([
    ["an unsafe path", ["../x"], /traversal/u],
    ["a lone surrogate", ["\uD800"], /not-well-formed/u],
    ["a path twice", ["a", "a"], /stands twice/u],
    ["two spellings of a path", ["a", "A"], /collides with "A"/u],
    ["two spellings of a folder", ["a/x", "A/y"], /collides/u],
    ["a file and a folder", ["a", "a/x"], /collides/u],
    ["its own list", ["manifest.txt"], /the name of the file list/u],
    ["its own list in capitals", ["MANIFEST.TXT"], /the name of the file list/u],
  ])("refuses %s as the caller's mistake", (_what, paths, message) => {
    const given = paths.map((name) => ({ path: name, content: new Uint8Array() }));
    expect(() => packBundle(given)).toThrow(RangeError);
    expect(() => packBundle(given)).toThrow(message);
  });

  it("packs no text in place of bytes, and no memory that another thread may write", () => {
    for (const odd of ["text", [1], new Uint8Array(new SharedArrayBuffer(1))]) {
      expect(() => packBundle([{ path: "a", content: odd as Uint8Array }])).toThrow(TypeError);
    }
  });

  it("refuses a tree that the gate would not take", () => {
    const many = Array.from({ length: 20_000 }, (_, index) => ({
      path: `f${index}`,
      content: new Uint8Array(),
    }));
    expect(() => packBundle(many)).toThrow(/20001 entries, more than 20000/u);
    expect(rejectionOf(packBundle(many.slice(1)))).toBeUndefined();
    const large = new Uint8Array(64 * 1_048_576 + 1);
    expect(() => packBundle([{ path: "a", content: large }])).toThrow(/bytes of "a"/u);
    const most = large.subarray(1);
    const few = ["a", "b", "c", "d"].map((name) => ({ path: name, content: most }));
    const total = few.concat(
      few.map((file) => ({ path: `${file.path}2`, content: most })),
      [{ path: "e", content: most }],
    );
    expect(() => packBundle(total)).toThrow(/bytes in all, more than 536870912/u);
  });
});
