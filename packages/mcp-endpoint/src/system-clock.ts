import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "./options.ts";

/** The time of the machine. A sleeper does not keep the process alive. */
export const systemClock: Clock = {
  sleep: (ms, signal) => sleep(ms, undefined, { signal, ref: false }),
};
