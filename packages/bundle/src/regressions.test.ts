import { inspectBundle } from "@sigilrt/bundle";
import { describe, expect, it } from "vitest";
import { listOf, type RawEntry, rawBundle, rawZip } from "./testing/raw-zip.ts";
import { rejectionOf } from "./testing/workbench.ts";

const named = (name: string | Uint8Array): RawEntry => ({ name, content: "" });
const kindOf = (...entries: readonly RawEntry[]): string | undefined =>
  rejectionOf(rawBundle(entries))?.kind;

describe("defects of the first design", () => {
  it.each([
    "../x",
    "a/../../x",
    "a/..",
    "..",
    "./x",
    ".",
    "a//x",
    "/x",
    "//host/x",
    "C:/x",
    "C:x",
    "a:stream",
    "..\\x",
    "a\\..\\..\\x",
    "\\\\host\\x",
    "..\0/x",
    "..\u200B/x",
    ".. /x",
    ".../x",
    "a/.. /x",
  ])("refuses traversal in every spelling: %j", (name) => {
    expect(kindOf(named(name))).toBe("path_unsafe");
  });

  it("refuses traversal in every spelling: bytes that are no UTF-8", () => {
    // Overlong forms of "." and "/", which lax decoders turn into the characters themselves.
    for (const hex of ["c0aec0ae2f78", "2e2ec0af78", "2e2ee080af78", "efbfbd2fff"]) {
      expect(kindOf(named(Buffer.from(hex, "hex")))).toBe("path_unsafe");
    }
  });

  it("keeps names that are only written like traversal", () => {
    for (const name of ["%2e%2e/x", "..x", "a..b/x", "x..y"]) {
      expect(kindOf(named(name))).toBeUndefined();
    }
  });

  it("refuses an unlisted file", () => {
    const listed = named("a.js");
    const hidden = { name: "b.js", content: "evil()" };
    const list = { name: "manifest.txt", content: listOf([listed]) };
    expect(inspectBundle(rawZip([list, listed, hidden]))).toEqual({
      ok: false,
      rejection: { kind: "unlisted_file", path: "b.js" },
    });
    expect(inspectBundle(rawZip([list, listed])).ok).toBe(true);
  });

  it.each([
    ["duplicate_entry", [named("a"), named("a")]],
    ["symlink_entry", [{ ...named("a"), both: { external: 0o120777 * 65_536 } }, named("a/x")]],
    ["path_collision", [named("README"), named("readme")]],
    ["path_collision", [named("straße"), named("STRASSE")]],
    ["path_collision", [named("a/\uFF58"), named("a/x")]],
    ["path_collision", [named("a"), named("a/x")]],
    ["path_unsafe", [named("é"), named("e\u0301")]],
    ["entry_too_large", [{ ...named("a"), both: { method: 8, size: 200_000_000 } }]],
    ["compression_ratio", [{ ...named("a"), both: { method: 8, size: 60_000_000 } }]],
  ] satisfies readonly (readonly [string, readonly RawEntry[]])[])(
    "refuses each, by its own rule: %s",
    (kind, entries) => {
      expect(kindOf(...entries)).toBe(kind);
    },
  );
});
