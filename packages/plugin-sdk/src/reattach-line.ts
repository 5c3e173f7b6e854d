import { formatReattach } from "@sigilrt/protocol";

// Not an import: that would load the streams and promises of files as well, which is most of a start.
const { readFileSync } = process.getBuiltinModule("node:fs");

/** Says where this process waits for hosts, as JSON; never to be killed by them. */
export function reattachLine(name: string, version: number, address: string): string {
  const startTime = ownStartTime();
  return formatReattach(name, {
    version,
    pid: process.pid,
    ...(startTime === undefined ? {} : { startTime }),
    isTest: true,
    address,
  });
}

/** Ticks between the start of the system and that of this process; on Linux alone. */
function ownStartTime(): string | undefined {
  try {
    const stat = readFileSync("/proc/self/stat", "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
