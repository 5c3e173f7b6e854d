import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { inspectBundle, packBundle } from "@sigilrt/bundle";
import index from "@sigilrt/bundle/vectors/index.json" with { type: "json" };
import { describe, expect, it } from "vitest";

const archive = (file: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../vectors/${file}`, import.meta.url)));
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

const B1 = "7c89dac107af45cf43d9dbc8bb9190608ef2a001948aa88b81ac78878defbdd0";

describe("bundle vectors", () => {
  it.each(index.cases)("$file: $expected.ok $expected.kind", ({ file, expected }) => {
    const { ok, ...evidence } = expected;
    const verdict = inspectBundle(archive(file));
    expect(verdict).toMatchObject(ok ? expected : { ok, rejection: evidence });
  });

  it.each(["B1_store.zip", "B3_unicode.zip", "B8_one_file.zip", "Z00_control.zip"])(
    "packs the files of %s into its bytes",
    (file) => {
      const verdict = inspectBundle(archive(file));
      expect(packBundle(verdict.ok ? verdict.files : [])).toEqual(archive(file));
    },
  );

  it("packs B1 into its identity, and the files of its deflated form as well", () => {
    for (const file of ["B1_store.zip", "B2_deflate.zip"]) {
      const verdict = inspectBundle(archive(file));
      expect(sha256(packBundle(verdict.ok ? verdict.files : []))).toBe(B1);
    }
  });

  it("refuses B1 with any bit changed, cut anywhere, or with any byte behind it", () => {
    const bytes = archive("B1_store.zip");
    const accepted: string[] = [];
    for (const [at, byte] of bytes.entries()) {
      for (let bit = 0; bit < 8; bit += 1) {
        bytes[at] = byte ^ (1 << bit);
        if (inspectBundle(bytes).ok) accepted.push(`bit ${bit} of ${at}`);
      }
      bytes[at] = byte;
      if (inspectBundle(bytes.subarray(0, at)).ok) accepted.push(`cut at ${at}`);
    }
    for (let byte = 0; byte < 256; byte += 1) {
      if (inspectBundle(Uint8Array.of(...bytes, byte)).ok) accepted.push(`byte ${byte}`);
    }
    expect(accepted).toEqual([]);
    expect(inspectBundle(bytes).ok).toBe(true);
  });
});
