import { createHash } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { inspectBundle, packBundle } from "@sigilrt/bundle";
import { describe, expect, it } from "vitest";
import { type RawEntry, rawBundle } from "./testing/raw-zip.ts";
import { plugin, rejectionOf } from "./testing/workbench.ts";

const text = "x".repeat(1_000);
const stream = deflateRawSync(text);
const z: RawEntry = { name: "z", content: text, data: stream };
const one = packBundle(plugin);

describe("inspectBundle", () => {
  it("takes what stands at each limit", () => {
    const archive = packBundle(plugin);
    const limits = {
      maxArchiveBytes: archive.length,
      maxEntries: 3,
      maxEntryBytes: 157,
      maxTotalBytes: 179,
    };
    expect(rejectionOf(archive, { limits, required: ["plugin.yaml"] })).toBeUndefined();
    expect(
      rejectionOf(rawBundle([z]), { limits: { maxRatio: Math.ceil(1_000 / stream.length) } }),
    ).toBeUndefined();
  });

  it("takes an empty tree", () => {
    const digest = `tree1-sha256:${createHash("sha256").digest("hex")}`;
    expect(inspectBundle(packBundle([]))).toEqual({ ok: true, digest, files: [] });
  });

  it("answers views on the archive", () => {
    const archive = packBundle(plugin);
    const verdict = inspectBundle(archive);
    const buffers = verdict.ok ? verdict.files.map(({ content }) => content.buffer) : [];
    expect(buffers).toEqual([archive.buffer, archive.buffer]);
    expect(buffers.every((buffer) => buffer === archive.buffer)).toBe(true);
  });

  it("reads an archive that lies within a larger buffer", () => {
    const archive = packBundle(plugin);
    const within = new Uint8Array(archive.length + 20).subarray(10, -10);
    within.set(archive);
    expect(inspectBundle(within)).toEqual(inspectBundle(archive));
  });

  it.each([Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY])("takes no limit of %d", (maxEntries) => {
    expect(() => inspectBundle(one, { limits: { maxEntries } })).toThrow(RangeError);
  });

  it("takes no memory that another thread may write", () => {
    const bytes = new Uint8Array(new SharedArrayBuffer(one.length));
    bytes.set(one);
    expect(() => inspectBundle(bytes)).toThrow(TypeError);
    expect(() => inspectBundle([...one] as unknown as Uint8Array)).toThrow(TypeError);
  });

  it("never passes when a check itself fails", () => {
    const required = {
      [Symbol.iterator]: () => {
        throw new Error("a fault");
      },
    };
    expect(() => inspectBundle(one, { required: required as unknown as string[] })).toThrow(
      expect.objectContaining({ name: "BundleError", code: "INTERNAL" }),
    );
  });
});
