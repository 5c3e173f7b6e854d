import { describe, expect, it } from "vitest";
import { rawZip } from "./testing/raw-zip.ts";
import { rejectionOf } from "./testing/workbench.ts";

const hash = "0".repeat(64);
const name = (at: number): string => String(at).padStart(6, "0");
/** Lines of more than a million bytes, which are read in parts. */
const lines = Array.from({ length: 16_000 }, (_, at) => `${hash}  ${name(at)}\n`);
const rejection = (text: string): ReturnType<typeof rejectionOf> =>
  rejectionOf(rawZip([{ name: "manifest.txt", content: text }]));
const put = (at: number, ...others: readonly string[]): string =>
  lines.toSpliced(at, 1, ...others).join("");

describe("a long file list", () => {
  it.each([0, 14_362, 14_363, 14_364, 14_365, 15_999])("is refused for its line %i", (at) => {
    const malformed = { kind: "file_list_malformed", line: at + 1 };
    expect(rejection(put(at, `${hash} x\n`))).toEqual({ ...malformed, reason: "syntax" });
    expect(rejection(put(at, `${hash}  ../x\n`))).toEqual({ ...malformed, reason: "path" });
    const twice = put(at, lines[at] ?? "", lines[at] ?? "");
    expect(rejection(twice)).toEqual({ ...malformed, reason: "order", line: at + 2 });
  });

  it("is refused for a missing file only when every line is in order", () => {
    expect(rejection(lines.join(""))).toEqual({ kind: "listed_file_missing", path: "000000" });
    expect(rejection(put(15_999, "\n"))).toMatchObject({ reason: "syntax", line: 16_000 });
  });

  it.each(["\uD83D\uDE00", "é"])("may have %s where two parts meet", (character) => {
    const wide = Array.from({ length: 16_000 }, (_, at) => `${hash}  ${name(at)}${character}\n`);
    expect(rejection(wide.join(""))).toMatchObject({ kind: "listed_file_missing" });
  });
});
