import { type HostErrorCode, LifecycleError } from "@sigilrt/lifecycle";
import { WasmError } from "./wasm-error.ts";

/** Says in the contract's words what happened; the error of this package is the cause. */
export function toLifecycleError(error: unknown, plugin: string): LifecycleError {
  if (error instanceof LifecycleError) return error;
  const failure = error instanceof WasmError ? error : undefined;
  const code = failure === undefined ? "CRASHED" : hostCode(failure);
  const phase = failure?.phase ?? "call";
  const what = failure?.message ?? "the host failed";
  return new LifecycleError(code, `Cannot run plugin "${plugin}": ${what}`, {
    cause: error,
    phase,
  });
}

function hostCode({ code, phase, limit }: WasmError): HostErrorCode {
  switch (code) {
    case "COMPILE_FAILED":
    case "UNSUPPORTED":
    case "NAME_REJECTED":
    case "IMPORT_REFUSED":
    case "START_FAILED":
      return "START_FAILED";
    case "LIMIT":
      return limitCode(phase, limit);
    case "EXPORT_MISSING":
      return phase === "call" ? "TOOL_UNKNOWN" : "START_FAILED";
    case "CALL_TRAPPED":
    case "FUEL_EXHAUSTED":
    case "MEMORY_EXCEEDED":
    case "DENIED":
    case "WORKER_LOST":
      return "CRASHED";
    case "TIMEOUT":
      return "DEADLINE";
    case "CANCELLED":
      return "CANCELLED";
    case "RESULT_INVALID":
      return "PROTOCOL";
    case "CAPACITY":
      return "OVERLOADED";
    case "CLOSED":
      return "CLOSED";
    default:
      return code satisfies never;
  }
}

function limitCode(phase: WasmError["phase"], limit: WasmError["limit"]): HostErrorCode {
  if (limit === "result_bytes") return "RESULT_TOO_LARGE";
  if (limit === "queue" || limit === "reentrancy") return "OVERLOADED";
  if (phase !== "call") return "START_FAILED";
  // The guest of a flood of questions was ended; anything else was only refused.
  return limit === "host_calls" ? "CRASHED" : "PROTOCOL";
}
