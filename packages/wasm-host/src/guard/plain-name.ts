import { WasmError } from "../wasm-error.ts";
import { malformed } from "./refusal.ts";

const plain = /^[0-9A-Za-z_$.:/@#[\]<>=+|*~,-]{0,256}$/u;

/** Whether a name may stand in generated code and in messages of the engine. */
const isPlainName = (name: string): boolean => plain.test(name) && !name.startsWith("$sigil");

/** Answers `name` when it is plain. The message tells where it stands and never what it is. */
export function plainName(name: string | undefined, place: string, index: number): string {
  // The format itself demands UTF-8; two readers would see two names.
  if (name === undefined) throw malformed(`a name that is not UTF-8 (${place} ${index})`, 0);
  if (isPlainName(name)) return name;
  throw new WasmError(
    "NAME_REJECTED",
    "load",
    `Cannot load WebAssembly: the name of ${place} ${index} is not plain; use at most 256 letters, digits and punctuation of identifiers`,
  );
}
