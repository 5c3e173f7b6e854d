import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/**
 * Memory of this process without garbage, in bytes. V8 lets the garbage of calls stand for tens of thousands of them, and keeps the pages:
 * without collections its old space swings between 10 and 55 MB, which is no memory that a call keeps.
 */
export async function settledMemory(): Promise<{ readonly rss: number; readonly heap: number }> {
  await turn();
  collectGarbage();
  await turn();
  const { rss, heapUsed } = process.memoryUsage();
  return { rss, heap: heapUsed };
}
