import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Log } from "./log.ts";

/** How often a process without a lifeline looks for its parent, in milliseconds. */
const WATCH_MS = 1000;
const LANE_DESCRIPTOR = 3;

/** Calls `lost` once when the host is gone. Answers the socket that the host shares, on which a lane may be opened. */
export function watchHost(hasLifeline: boolean, log: Log, lost: () => void): Duplex | undefined {
  if (hasLifeline) {
    const link = watchDescriptor(lost);
    if (link !== undefined) return link;
    log.warn("SIGIL_LANE_FD names descriptor 3, which is no open socket or pipe");
  }
  watchParent(lost);
  return undefined;
}

function watchDescriptor(lost: () => void): Duplex | undefined {
  try {
    const link = new Socket({ fd: LANE_DESCRIPTOR, readable: true, writable: true });
    link.on("error", () => undefined);
    link.once("close", lost);
    // Bytes that come before a lane have no meaning; unread they would hold back the end of file.
    link.resume();
    return link;
  } catch {
    return undefined;
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
