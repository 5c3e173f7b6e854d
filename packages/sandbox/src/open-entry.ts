import { constants, openSync } from "node:fs";

/** O_PATH of Linux on every architecture that Node runs on; `node:fs` does not name it. */
export const openPath = 0o10_000_000;

/** Opens an entry to look at or to bind it, not its content, and follows no link in its last part. @throws as `openSync` */
export function openEntry(path: string): number {
  return openSync(path, openPath | constants.O_NOFOLLOW);
}

/** The path of what is behind a descriptor, through which it can be reached whatever stands in its place by now. */
export function throughDescriptor(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}
