import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";

const fixtures = new URL("../fixtures/wasm/", import.meta.url);
const world = new URL("../../../packages/protocol/wit/plugin.wit", import.meta.url);

/** The largest the witness may become when it is unpacked. */
const MOST_BYTES = 33_554_432;

/** What the witness was built from. */
export interface WitnessRecord {
  /** Hash of its source, its world and the world of plugins. */
  readonly source: string;
  /** The builder. */
  readonly tool: string;
  /** Its version. */
  readonly version: string;
  /** Hash of the bytes that were built. */
  readonly built: string;
}

/** The component that tries what nobody granted: StarlingMonkey with all of WASI. It lies packed, for it is large. */
export function readWitness(): Uint8Array {
  const packed = readFileSync(new URL("witness.wasm.br", fixtures));
  return new Uint8Array(brotliDecompressSync(packed, { maxOutputLength: MOST_BYTES }));
}

/** The record that is checked in beside it. */
export function readWitnessRecord(): WitnessRecord {
  const record: WitnessRecord = JSON.parse(readFileSync(new URL("witness.json", fixtures), "utf8"));
  return record;
}

/** What the record must say of the files that are there now. */
export function describeWitness(version: string): WitnessRecord {
  const hash = createHash("sha256").update(readFileSync(world));
  for (const name of ["witness.wit", "witness.js"]) {
    hash.update("\0").update(readFileSync(new URL(name, fixtures)));
  }
  const built = createHash("sha256").update(readWitness()).digest("hex");
  const tool = "@bytecodealliance/componentize-js";
  return { source: hash.digest("hex"), tool, version, built };
}
