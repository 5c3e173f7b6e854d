import { readFileSync, readdirSync } from "node:fs";

const fixtures = new URL("../fixtures/wasm/", import.meta.url);

/** The files of the folder of fixtures. */
export const listWasmFixtures = (): readonly string[] => readdirSync(fixtures);

/** The bytes that are checked in under `name`. */
export const readWasmFixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(name, fixtures)));
