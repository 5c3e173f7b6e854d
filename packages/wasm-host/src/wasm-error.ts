import type { LimitName } from "./limits.ts";

/** Why something could not be done; a closed list. */
export type WasmErrorCode =
  | "COMPILE_FAILED"
  | "UNSUPPORTED"
  | "NAME_REJECTED"
  | "IMPORT_REFUSED"
  | "LIMIT"
  | "START_FAILED"
  | "EXPORT_MISSING"
  | "CALL_TRAPPED"
  | "FUEL_EXHAUSTED"
  | "MEMORY_EXCEEDED"
  | "TIMEOUT"
  | "CANCELLED"
  | "DENIED"
  | "RESULT_INVALID"
  | "CAPACITY"
  | "WORKER_LOST"
  | "CLOSED";

/** When it happened: while loading, while starting an instance, while calling it. */
export type WasmPhase = "load" | "start" | "call";

/** How a guest trapped. `abi` is a breach of the canonical ABI. */
export type TrapKind =
  | "unreachable"
  | "out_of_bounds"
  | "divide_by_zero"
  | "integer_overflow"
  | "indirect_call"
  | "stack_exhausted"
  | "uncaught_exception"
  | "abi"
  | "other";

/** Facts beside the code of a {@link WasmError}. */
export interface WasmErrorOptions extends ErrorOptions {
  /** The limit that was passed, for `LIMIT`. */
  readonly limit?: LimitName;
  /** The feature that is not there, for `UNSUPPORTED`. */
  readonly feature?: string;
  /** The kind of trap, for `CALL_TRAPPED`. */
  readonly trap?: TrapKind;
  /** Fuel that was used at least, where fuel was counted. */
  readonly fuelUsedAtLeast?: number;
}

/** The one error of this package. Its message holds no text that a guest chose. */
export class WasmError extends Error {
  /** The class name, for logs. */
  override readonly name = "WasmError";
  /** What callers branch on. */
  readonly code: WasmErrorCode;
  /** When it happened. */
  readonly phase: WasmPhase;
  /** The limit that was passed, for `LIMIT`. */
  readonly limit: LimitName | undefined;
  /** The feature that is not there, for `UNSUPPORTED`. */
  readonly feature: string | undefined;
  /** The kind of trap, for `CALL_TRAPPED`. */
  readonly trap: TrapKind | undefined;
  /** Fuel that was used at least, where fuel was counted; a guest that trapped may have used more. */
  readonly fuelUsedAtLeast: number | undefined;

  constructor(
    code: WasmErrorCode,
    phase: WasmPhase,
    message: string,
    options: WasmErrorOptions = {},
  ) {
    super(message, options);
    this.code = code;
    this.phase = phase;
    this.limit = options.limit;
    this.feature = options.feature;
    this.trap = options.trap;
    this.fuelUsedAtLeast = options.fuelUsedAtLeast;
  }
}
