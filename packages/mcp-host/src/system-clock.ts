import { setTimeout as sleep } from "node:timers/promises";
import type { WaitingClock } from "@sigilrt/lifecycle";

/** The time of the machine. A sleeper does not keep the process alive. */
export const systemClock: WaitingClock = {
  now: () => Date.now(),
  sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal, ref: false } : { ref: false }),
};
