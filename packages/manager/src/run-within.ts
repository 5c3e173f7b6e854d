import { createContext, Script } from "node:vm";

const cell: { work: (() => unknown) | undefined } = { work: undefined };
const isolate = createContext(Object.assign(Object.create(null), { cell }));
const script = new Script("cell.work()");

/** How often work is begun that got no processor: on a busy machine time goes by without it. */
const MOST_STARTS = 4;

/**
 * Runs synchronous work and ends it after `ms` milliseconds, wherever it is: in a loop, in a recursion, in a regular expression that
 * backtracks. Work that had the processor for less than half of them is begun anew, so it must have no effect but its value. Takes some
 * tenths of a millisecond beside the work. This bounds time and contains nothing: the work has all rights of its caller.
 *
 * @returns `late` when it was ended
 */
export function runWithin<T>(ms: number, work: () => T): { readonly value: T } | "late" {
  for (let start = 1; ; start += 1) {
    const before = spentMs();
    const done = runOnce(ms, work);
    if (done !== "late" || start === MOST_STARTS || spentMs() - before >= ms / 2) return done;
  }
}

function runOnce<T>(ms: number, work: () => T): { readonly value: T } | "late" {
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

/** Milliseconds of a processor that this thread has used; with a Node that does not count threads, those of the process. */
function spentMs(): number {
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage();
  return (user + system) / 1_000;
}

/** It is an error of the other context, and so no instance of this one's `Error`. */
const isTimeout = (error: unknown): boolean =>
  typeof error === "object" &&
  error !== null &&
  "code" in error &&
  error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
