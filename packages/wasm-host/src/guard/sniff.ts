import type { WasmLimits } from "../limits.ts";
import { beyond, malformed } from "./refusal.ts";

const magic = [0x00, 0x61, 0x73, 0x6d];
const core = [0x01, 0x00, 0x00, 0x00];
const component = [0x0d, 0x00, 0x01, 0x00];

/** Tells a core module from a component by the first eight bytes, after its size. */
export function sniff(bytes: Uint8Array, limits: WasmLimits): "module" | "component" {
  if (bytes.length > limits.module_bytes) {
    throw beyond("module_bytes", bytes.length, limits.module_bytes);
  }
  const begins = (expected: readonly number[], at: number): boolean =>
    expected.every((byte, index) => bytes[at + index] === byte);
  if (!begins(magic, 0)) throw malformed("another format", 0);
  if (begins(core, 4)) return "module";
  if (begins(component, 4)) return "component";
  throw malformed("an unknown version", 4);
}
