import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import {
  BUNDLE_REJECTION_KINDS,
  type BundleRejection,
  type BundleRejectionKind,
  describeRejection,
  extractBundle,
  findByproduct,
  packBundle,
} from "@sigilrt/bundle";
import { describe, expect, it } from "vitest";
import { listOf, type RawEntry, rawBundle, rawZip } from "./testing/raw-zip.ts";
import {
  aborted,
  extractPlugin,
  plugin,
  rejectionOf,
  temporaryFolder,
  testPlugin,
} from "./testing/workbench.ts";

type Attack = () => BundleRejection | undefined | Promise<BundleRejection | undefined>;

const a: RawEntry = { name: "a.js", content: "a" };
const b: RawEntry = { name: "b.js", content: "b" };
const packed = packBundle(plugin);
const text = "x".repeat(1_000);
const deflated: RawEntry = { name: "z", content: text, data: deflateRawSync(text) };
const junk = new Uint8Array(9);

/** For each kind an archive, a tree or a program that must be refused as that and as nothing else. */
const attacks: Readonly<Record<BundleRejectionKind, Attack>> = {
  archive_too_large: () => rejectionOf(packed, { limits: { maxArchiveBytes: packed.length - 1 } }),
  not_a_zip: () => rejectionOf(packed.subarray(0, -1)),
  trailing_data: () => rejectionOf(rawBundle([a], { after: junk })),
  multi_disk: () => rejectionOf(rawBundle([a], { disk: 1 })),
  zip64_not_allowed: () => rejectionOf(rawBundle([a], { offset: 0xff_ff_ff_ff })),
  central_directory_misplaced: () => rejectionOf(rawBundle([a], { beforeEnd: junk })),
  too_many_entries: () => rejectionOf(rawBundle([a, b]), { limits: { maxEntries: 2 } }),
  central_directory_malformed: () => rejectionOf(rawBundle([a, b], { entries: 2 })),
  path_unsafe: () => rejectionOf(rawBundle([{ name: "../x", content: "" }])),
  encrypted_entry: () => rejectionOf(rawBundle([{ ...a, both: { flags: 0x0801 } }])),
  method_not_allowed: () => rejectionOf(rawBundle([{ ...a, both: { method: 12 } }])),
  symlink_entry: () => rejectionOf(rawBundle([{ ...a, both: { external: 0o120777 * 65_536 } }])),
  directory_entry: () => rejectionOf(rawBundle([{ name: "d/", content: "" }])),
  special_file_entry: () =>
    rejectionOf(rawBundle([{ ...a, both: { external: 0o10644 * 65_536 } }])),
  entry_too_large: () => rejectionOf(packed, { limits: { maxEntryBytes: 100 } }),
  compression_ratio: () => rejectionOf(rawBundle([deflated]), { limits: { maxRatio: 9 } }),
  noncanonical_header: () => rejectionOf(rawBundle([{ ...a, both: { time: 7 } }])),
  total_too_large: () => rejectionOf(packed, { limits: { maxTotalBytes: 100 } }),
  duplicate_entry: () => rejectionOf(rawBundle([a, a])),
  path_collision: () => rejectionOf(rawBundle([{ ...a, name: "A.JS" }, a])),
  file_list_missing: () => rejectionOf(rawZip([a])),
  noncanonical_order: () => rejectionOf(rawBundle([b, a])),
  overlapping_entries: () => rejectionOf(rawBundle([a, { ...b, central: { offset: 0 } }])),
  hidden_data: () => rejectionOf(rawBundle([a, { ...b, before: junk }])),
  entry_out_of_bounds: () =>
    rejectionOf(rawBundle([{ ...a, both: { compressed: 500, size: 500 } }])),
  local_header_mismatch: () => rejectionOf(rawBundle([{ ...a, localName: "b.js" }])),
  deflate_corrupt: () => rejectionOf(rawBundle([{ ...deflated, data: Buffer.alloc(50, 0xff) }])),
  size_mismatch: () => rejectionOf(rawBundle([{ ...deflated, both: { size: 999 } }])),
  deflate_trailing_bytes: () =>
    rejectionOf(rawBundle([{ ...deflated, data: Buffer.concat([deflateRawSync(text), junk]) }])),
  crc_mismatch: () => rejectionOf(rawBundle([{ ...a, both: { crc: 1 } }])),
  file_list_malformed: () =>
    rejectionOf(rawZip([{ name: "manifest.txt", content: `\uFEFF${listOf([a])}` }, a])),
  listed_file_missing: () =>
    rejectionOf(rawZip([{ name: "manifest.txt", content: listOf([a, b]) }, a])),
  unlisted_file: () => rejectionOf(rawZip([{ name: "manifest.txt", content: listOf([a]) }, a, b])),
  file_hash_mismatch: () =>
    rejectionOf(rawZip([{ name: "manifest.txt", content: listOf([{ ...a, content: "b" }]) }, a])),
  required_file_missing: () => rejectionOf(packed, { required: ["plugin.yaml", "LICENSE"] }),
  byproduct: () => findByproduct(["src/a.js", "src/__pycache__/a.pyc"]),
  async extraction_mismatch() {
    using folder = temporaryFolder();
    const bytes = packBundle(plugin);
    const extracting = extractBundle(bytes, join(folder.path, "tree"));
    bytes.fill(0);
    const outcome = await extracting;
    return outcome.ok ? undefined : outcome.rejection;
  },
  async self_test_failed() {
    using folder = temporaryFolder();
    const tree = await extractPlugin(folder.path);
    const outcome = await testPlugin(tree, async () => ({ code: 3, signal: null }));
    return outcome.ok ? undefined : outcome.rejection;
  },
  async self_test_timeout() {
    using folder = temporaryFolder();
    const tree = await extractPlugin(folder.path);
    const outcome = await testPlugin(
      tree,
      async ({ signal }) => {
        await aborted(signal);
        return { code: null, signal: "SIGKILL" };
      },
      { timeoutMs: 1 },
    );
    return outcome.ok ? undefined : outcome.rejection;
  },
  async dirty_workspace() {
    using folder = temporaryFolder();
    const tree = await extractPlugin(folder.path);
    const outcome = await testPlugin(tree, async () => {
      writeFileSync(join(tree.path, "src/index.js"), "evil");
      return { code: 0, signal: null };
    });
    return outcome.ok ? undefined : outcome.rejection;
  },
};

describe("rejections", () => {
  it.each(BUNDLE_REJECTION_KINDS)("refuses what is %s, frozen, in words", async (kind) => {
    const rejection = await attacks[kind]();
    expect(rejection).toMatchObject({ kind });
    expect(Object.isFrozen(rejection)).toBe(true);
    const words = rejection ? describeRejection(rejection) : "";
    expect(words).toMatch(/^Cannot [^;]+; [^;]+[^.]$/u);
  });

  it("has an attack for every kind", () => {
    expect(Object.keys(attacks).toSorted()).toEqual(BUNDLE_REJECTION_KINDS.toSorted());
    expect(Object.isFrozen(BUNDLE_REJECTION_KINDS)).toBe(true);
  });

  it("shows what stands in an archive escaped and cut", () => {
    const name = `\u001B[2J\u202E${"x".repeat(500)}`;
    const rejection = rejectionOf(rawBundle([{ name, content: "" }]));
    expect(rejection && describeRejection(rejection)).toMatch(/^[\x20-\x7E]{1,300}$/u);
  });
});
