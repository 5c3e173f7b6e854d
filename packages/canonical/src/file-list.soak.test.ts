import { CanonicalError, formatFileList, parseFileList, parseSafePath } from "@sigilrt/canonical";
import { count } from "@sigilrt/testing/counts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const encoder = new TextEncoder();
const path = fc.constantFrom("a", "a/b", "é", "～", "😀", "plugin.yaml", "x y").map(parseSafePath);
const sha256 = fc.constantFrom("0".repeat(64), "9af".repeat(21).concat("0"));
const list = fc
  .uniqueArray(fc.record({ path, sha256 }), { maxLength: 5, selector: (row) => row.path })
  .map((rows) => formatFileList(rows));
const piece = fc.oneof(
  fc.constantFrom(
    "\n",
    "\r",
    " ",
    "  ",
    "\uFEFF",
    "\0",
    "/",
    "..",
    "\\",
    "manifest.txt",
    "A",
    "~1",
  ),
  fc.string({ unit: "binary", maxLength: 3 }),
);
/** A list in which a part was cut out and something else put in its place. */
const damaged = fc.tuple(list, fc.nat(), fc.nat(8), piece).map(([text, place, cut, put]) => {
  const at = place % (text.length + 1);
  return encoder.encode(text.slice(0, at) + put + text.slice(at + cut));
});

/** The text that comes of reading and writing again, or the code of the refusal. */
function rewritten(bytes: Uint8Array): string {
  try {
    return formatFileList(parseFileList(bytes));
  } catch (error) {
    if (error instanceof CanonicalError) return error.code;
    throw error;
  }
}

describe("parseFileList", () => {
  it("accepts exactly what formatFileList writes, and refuses the rest by CanonicalError", () => {
    let accepted = 0;
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 100 })), (bytes) => {
        const outcome = rewritten(bytes);
        const text = Buffer.from(bytes).toString();
        accepted += outcome === text ? 1 : 0;
        expect([text, "FILE_LIST_MALFORMED"]).toContain(outcome);
      }),
      { numRuns: count("inputs") },
    );
    expect(accepted).toBeGreaterThan(0);
  });
});
