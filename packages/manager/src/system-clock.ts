import type { WaitingClock } from "@sigilrt/lifecycle";

/** The longest a timer of Node waits, in milliseconds; with more it would wait one. */
const LONGEST_MS = 2 ** 31 - 1;

/** The time of the machine. A sleeper does not keep the process alive. */
export const systemClock: WaitingClock = {
  now: () => Date.now(),
  // That of `node:timers/promises` rejects with an error of its own, whose making costs more than the timer.
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      const leave = (): void => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const wake = (): void => {
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      const timer = setTimeout(wake, Math.min(ms, LONGEST_MS)).unref();
      signal?.addEventListener("abort", leave, { once: true });
    }),
};
