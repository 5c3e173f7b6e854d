import { guardCoreModule } from "../guard/core-module.ts";
import { sniff } from "../guard/sniff.ts";
import { DEFAULT_LIMITS, readLimits, type WasmLimits } from "../limits.ts";
import { WasmError } from "../wasm-error.ts";
import { type MeteredModule, rewriteModule } from "./rewrite-module.ts";

/** How a module is metered. */
export interface MeterOptions {
  /** Whether fuel is counted. Without it only growth is, and no counter `fuel` is imported. */
  readonly fuel: boolean;
  /** Whether exception handlers may stand in it, which Node has from 24 on; true when absent. */
  readonly exceptionHandling?: boolean;
  /** Limits that differ from the defaults; `memory_bytes` and `table_elements` become the maximum of each memory and table. */
  readonly limits?: Partial<WasmLimits>;
}

/**
 * Rewrites a core module so that every run of instructions is paid for before it runs, and growth stays within what the
 * counters hold. Pure: the same bytes and options give the same module on every machine.
 *
 * @throws {@link WasmError} `COMPILE_FAILED`, `UNSUPPORTED`, `NAME_REJECTED`, `LIMIT`; RangeError for a wrong limit
 */
export function meterModule(
  bytes: Uint8Array,
  { fuel, exceptionHandling = true, limits: own }: MeterOptions,
): MeteredModule {
  const limits = own === undefined ? DEFAULT_LIMITS : readLimits(own);
  if (sniff(bytes, limits) !== "module") {
    const message = "Cannot meter WebAssembly: the bytes are a component; meter its core modules";
    throw new WasmError("COMPILE_FAILED", "load", message);
  }
  const shape = guardCoreModule(bytes, { limits, exceptionHandling, names: "plain" });
  return rewriteModule(bytes, shape, { fuel, limits });
}
