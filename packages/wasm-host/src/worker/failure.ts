import type { TrapKind, WasmPhase } from "../wasm-error.ts";
import type { Failure } from "./messages.ts";

/** Ends a call with a code of this package, thrown through the guest, which cannot catch it. */
export class GuestStop extends Error {
  /** What the host is told. */
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.text);
    this.failure = failure;
  }
}

/** What the text coders of the glue's context throw. */
const NOT_A_TEXT = "not a text";

/** Engine texts by kind of trap, as V8 words them. */
const traps: readonly (readonly [RegExp, TrapKind])[] = [
  [/unreachable/u, "unreachable"],
  [/out of bounds|out of range/u, "out_of_bounds"],
  [/(?:divide|remainder) by zero/u, "divide_by_zero"],
  [/unrepresentable/u, "integer_overflow"],
  [/null function|function signature mismatch/u, "indirect_call"],
  [/call stack size exceeded/u, "stack_exhausted"],
];

/** Tells what a guest threw. The engine's words stay here: they may hold names. */
export function failureOf(error: unknown, phase: WasmPhase, glue: boolean): Failure {
  if (error instanceof GuestStop) return { ...error.failure, phase };
  if (glue && textOf(error, "message") === NOT_A_TEXT) {
    return { code: "RESULT_INVALID", phase, text: "a text of it is not UTF-8" };
  }
  const trap = trapOf(error, glue);
  if (phase === "start") return { code: "START_FAILED", phase, trap, text: `it ended in ${trap}` };
  return { code: "CALL_TRAPPED", phase, trap, text: `it trapped: ${trap}` };
}

function trapOf(error: unknown, glue: boolean): TrapKind {
  // Errors of another context are no instances of ours: their own words must do.
  const name = textOf(error, "name");
  const message = textOf(error, "message");
  if (name === "RuntimeError" || name === "RangeError") {
    const known = traps.find(([words]) => words.test(message));
    if (known !== undefined && !(glue && name === "RangeError" && known[1] === "out_of_bounds")) {
      return known[1];
    }
  }
  if (Object.prototype.toString.call(error) === "[object WebAssembly.Exception]") {
    return "uncaught_exception";
  }
  const breach = name === "RangeError" || name === "TypeError";
  return glue && breach ? "abi" : "other";
}

function textOf(error: unknown, property: "name" | "message"): string {
  if (typeof error !== "object" || error === null) return "";
  const value: unknown = Reflect.get(error, property);
  return typeof value === "string" ? value : "";
}
