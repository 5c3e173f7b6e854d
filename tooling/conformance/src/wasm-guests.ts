import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const fixtures = new URL("../fixtures/wasm/", import.meta.url);
const sources = new URL("../../../packages/wasm-host/examples/guests/", import.meta.url);

/** The world of plugins. */
export const world = new URL("../../../packages/protocol/wit/plugin.wit", import.meta.url);

/** A guest that a compiler builds. */
export interface CompiledGuest {
  /** Its language, and the name of its files. */
  readonly name: "c" | "rust";
  /** The compiler. */
  readonly tool: string;
  /** Arguments that print the compiler's version. */
  readonly versionArgs: readonly string[];
  /** The file it is built from. */
  readonly source: string;
  /** Arguments that build a core module; its path and the source follow. */
  readonly args: readonly string[];
}

/** Every guest that a compiler builds. */
export const compiledGuests: readonly CompiledGuest[] = [
  {
    name: "c",
    tool: "zig",
    versionArgs: ["version"],
    source: fileURLToPath(new URL("c/guest.c", sources)),
    args: ["cc", "--target=wasm32-freestanding", "-Oz", "-g0", "-nostdlib", "-Wl,--no-entry", "-o"],
  },
  {
    name: "rust",
    tool: "rustc",
    versionArgs: ["--version"],
    source: fileURLToPath(new URL("rust/guest.rs", sources)),
    args: [
      "--edition=2021",
      "--crate-type=cdylib",
      "--target=wasm32-unknown-unknown",
      "-Copt-level=z",
      "-Cstrip=symbols",
      "-Cpanic=abort",
      "-Clto",
      "-o",
    ],
  },
];

/** A file of a guest among the fixtures. */
export const guestFile = (name: string, ending: "wasm" | "json"): URL =>
  new URL(`guest-${name}.${ending}`, fixtures);

/** What a guest was built from. */
export interface GuestRecord {
  /** Hash of its source and the world. */
  readonly source: string;
  /** The compiler. */
  readonly tool: string;
  /** What the compiler says of its version. */
  readonly version: string;
  /** Hash of the bytes that were built. */
  readonly built: string;
}

/** What the record of a guest must say of the files that are there now. */
export function describeGuest({ name, source, tool }: CompiledGuest, version: string): GuestRecord {
  const hash = createHash("sha256").update(readFileSync(world)).update("\0");
  const built = createHash("sha256")
    .update(readFileSync(guestFile(name, "wasm")))
    .digest("hex");
  return { source: hash.update(readFileSync(source)).digest("hex"), tool, version, built };
}

/** The record that is checked in beside a guest. */
export function readGuestRecord(name: string): GuestRecord {
  const record: GuestRecord = JSON.parse(readFileSync(guestFile(name, "json"), "utf8"));
  return record;
}
