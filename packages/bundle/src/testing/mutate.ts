// Makes archives that are nearly bundles: trees packed in unusual but valid ways, then damaged in most cases.
import { constants, deflateRawSync, type ZlibOptions } from "node:zlib";
import { type Fields, listOf, type RawEntry, type RawEnd, rawZip } from "./raw-zip.ts";

/** Whole numbers from 0 on and below `limit`, the same ones for the same seed. */
export type Random = (limit: number) => number;

/** A generator of numbers (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** An archive whose paths begin with `prefix`, so that many can be unpacked into one folder. */
export function nearlyBundle(random: Random, prefix: string): Uint8Array {
  const entries = names
    .filter(() => random(2) === 0)
    .map((name) => entryOf(random, `${prefix}/${name}`));
  const list: RawEntry = { name: "manifest.txt", content: listOf(entries) };
  const damage = random(6);
  const all = [list, ...entries];
  if (damage === 0) return rawZip(all);
  if (damage === 1) return rawZip(damagedEntries(random, all), damagedEnd(random));
  return damagedBytes(random, rawZip(damage === 2 ? damagedEntries(random, all) : all));
}

const names = ["a", "b/c", "b/d", "z"];
const contents = ["", "x", "text ".repeat(9), "0".repeat(200), "PK\u0005\u0006".repeat(6)];
const strategies = [
  constants.Z_DEFAULT_STRATEGY,
  constants.Z_HUFFMAN_ONLY,
  constants.Z_RLE,
  constants.Z_FIXED,
];
const numbers = [0, 1, 2, 8, 20, 22, 46, 200, 0x800, 0xffff];
const fields: readonly (keyof Fields)[] = [
  "flags",
  "method",
  "time",
  "crc",
  "compressed",
  "size",
  "nameLength",
  "extraLength",
  "external",
  "offset",
];

const oneOf = <T>(random: Random, items: readonly T[]): T | undefined =>
  items[random(items.length)];

/** Stored, or deflated in one of the many ways that give the same content. */
function entryOf(random: Random, name: string): RawEntry {
  const content = oneOf(random, contents) ?? "";
  if (random(3) === 0) return { name, content };
  const options: ZlibOptions = {
    level: random(10),
    memLevel: 1 + random(9),
    strategy: oneOf(random, strategies) ?? constants.Z_DEFAULT_STRATEGY,
  };
  if (random(2) === 0) return { name, content, data: deflateRawSync(content, options) };
  // Two blocks, the first one flushed: a stream that no writer of ours makes.
  const half = content.length >> 1;
  const first = deflateRawSync(content.slice(0, half), {
    ...options,
    finishFlush: constants.Z_FULL_FLUSH,
  });
  return {
    name,
    content,
    data: Buffer.concat([first, deflateRawSync(content.slice(half), options)]),
  };
}

function damagedEntries(random: Random, entries: readonly RawEntry[]): readonly RawEntry[] {
  const at = random(entries.length);
  const entry = entries[at];
  if (entry === undefined) return entries;
  const change = { [oneOf(random, fields) ?? "flags"]: oneOf(random, numbers) };
  const before = Buffer.alloc(random(3), "PK");
  const damaged: readonly RawEntry[] = [
    { ...entry, both: change },
    { ...entry, central: change },
    { ...entry, local: change },
    { ...entry, before },
    { ...entry, extra: before },
    { ...entry, localName: "evil" },
    { ...entry, unlisted: true },
    { ...entry, content: `${entry.content.toString()}!` },
    { ...entry, name: oneOf(random, ["../x", "a", "manifest.txt", "/x", "lnk"]) ?? "a" },
  ];
  const all = [...entries];
  all.splice(at, random(2), damaged[random(damaged.length)] ?? entry);
  return all;
}

function damagedEnd(random: Random): RawEnd {
  const number = oneOf(random, numbers) ?? 0;
  const bytes = Buffer.alloc(random(30), "PK\u0005\u0006");
  const ends: readonly RawEnd[] = [
    {},
    { entries: number },
    { offset: number },
    { size: number },
    { disk: number },
    { commentLength: bytes.length, after: bytes },
    { gap: bytes },
    { beforeEnd: bytes },
  ];
  return ends[random(ends.length)] ?? {};
}

function damagedBytes(random: Random, archive: Uint8Array): Uint8Array {
  const bytes = Buffer.from(archive);
  for (let left = 1 + random(3); left > 0; left -= 1) {
    const at = random(bytes.length);
    const how = random(5);
    if (how === 0) bytes[at] = random(256);
    else if (how === 1) bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
    else if (how === 2) bytes.copyWithin(at, random(bytes.length), random(bytes.length));
    else if (how === 3) return new Uint8Array(bytes.subarray(0, at));
    else
      return new Uint8Array(Buffer.concat([bytes.subarray(0, at), bytes.subarray(random(at + 1))]));
  }
  return new Uint8Array(bytes);
}
