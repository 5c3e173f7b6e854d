import { createContext, Script } from "node:vm";

const cell: { work: (() => unknown) | undefined } = { work: undefined };
const isolate = createContext(Object.assign(Object.create(null), { cell }));
const script = new Script("cell.work()");

/**
 * Runs synchronous work and ends it after `ms` milliseconds, wherever it is: in a loop, in a recursion, in a regular expression that
 * backtracks. Takes some tenths of a millisecond beside the work. This bounds time and contains nothing: the work has all rights of its
 * caller.
 *
 * @returns `late` when it was ended
 */
export function runWithin<T>(ms: number, work: () => T): { readonly value: T } | "late" {
  let value: { readonly value: T } | "late" = "late";
  cell.work = () => {
    value = { value: work() };
  };
  try {
    script.runInContext(isolate, { timeout: ms });
    return value;
  } catch (error) {
    if (isTimeout(error)) return "late";
    throw error;
  } finally {
    cell.work = undefined;
  }
}

const isTimeout = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
