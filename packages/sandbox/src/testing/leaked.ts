import { readdirSync, readFileSync } from "node:fs";

/** The descriptors from 3 up that a child would inherit, found by someone who is not under test. */
export function leakedNumbers(): readonly number[] {
  return readdirSync("/proc/self/fdinfo").flatMap((fd) => {
    const flags = /flags:\t(\d+)/.exec(read(`/proc/self/fdinfo/${fd}`))?.[1] ?? "2000000";
    return Number(fd) > 2 && !/[2367]\d{6}$/.test(flags) ? [Number(fd)] : [];
  });
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
