import { Socket } from "node:net";
import type { Log } from "./log.ts";

/** How often a process without a lifeline looks for its parent, in milliseconds. */
const WATCH_MS = 1000;
const LANE_DESCRIPTOR = 3;

/** Calls `lost` once when the host is gone. */
export function watchHost(hasLifeline: boolean, log: Log, lost: () => void): void {
  if (hasLifeline) {
    if (watchDescriptor(lost)) return;
    log.warn("SIGIL_LANE_FD names descriptor 3, which is no open socket or pipe");
  }
  watchParent(lost);
}

function watchDescriptor(lost: () => void): boolean {
  try {
    const lane = new Socket({ fd: LANE_DESCRIPTOR, readable: true, writable: false });
    lane.on("error", () => undefined);
    lane.once("close", lost);
    // Bytes that come have no meaning in this version; unread they would hold back the end of file.
    lane.resume();
    return true;
  } catch {
    return false;
  }
}

function watchParent(lost: () => void): void {
  const parent = process.ppid;
  // In a process namespace the parent is its first process, or none that can be seen; the namespace ends with the host.
  if (parent <= 1) return;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    lost();
  }, WATCH_MS);
  watch.unref();
}
