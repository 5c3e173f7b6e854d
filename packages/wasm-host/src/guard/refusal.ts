import type { LimitName } from "../limits.ts";
import { WasmError } from "../wasm-error.ts";

/** The bytes are not what the format allows. */
export const malformed = (found: string, at: number): WasmError =>
  new WasmError(
    "COMPILE_FAILED",
    "load",
    `Cannot read WebAssembly: ${found} at byte ${at}; build the file again`,
  );

/** The bytes use what this host does not run. */
export const unsupported = (feature: string, found: string): WasmError =>
  new WasmError(
    "UNSUPPORTED",
    "load",
    `Cannot load WebAssembly: ${found}; build it without ${feature}`,
    {
      feature,
    },
  );

/** The bytes hold more than a limit allows. */
export const beyond = (limit: LimitName, found: number, allowed: number): WasmError =>
  new WasmError(
    "LIMIT",
    "load",
    `Cannot load WebAssembly: ${found} passes the limit ${limit} of ${allowed}; build it smaller or raise the limit`,
    { limit },
  );
