import type { Deadline } from "./recorder.ts";

/** What begins within this part of the time has one end: a signal and a timer for each check would cost more than its decision. */
const SHARE = 1 / 16;

/** Gives signals of `AbortSignal.timeout`, the same one to whoever asks soon after another; so that they wait a sixteenth less at most. */
export function sharedDeadline(): Deadline {
  let shared: { readonly signal: AbortSignal; readonly until: number } | undefined;
  return (timeoutMs) => {
    // oxlint-disable-next-line no-restricted-globals -- the time that `AbortSignal.timeout` goes by, which no clock of a caller is
    const now = performance.now();
    if (!shared || now >= shared.until || shared.signal.aborted) {
      shared = { signal: AbortSignal.timeout(timeoutMs), until: now + timeoutMs * SHARE };
    }
    return shared.signal;
  };
}
