import { existsSync, readdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";

/** A period of the processor's scheduler, in microseconds. */
export const cpuPeriodUs = 100_000;

/** The share of a period, in microseconds; the kernel takes none below a hundredth. */
export function cpuQuotaUs(cpuCores: number): number {
  return Math.max(1_000, Math.round(cpuCores * cpuPeriodUs));
}

/** The value behind a name in a file of lines `name value`; 0 where there is none. */
export function counter(path: string, name: string): number {
  const line = readFileSync(path, "latin1")
    .split("\n")
    .find((text) => text.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}

/**
 * Removes the groups of processes that were killed: they stay behind, empty, since their programs died with them. `named` tells
 * the process in a name of ours.
 */
export function removeAbandoned(parent: string, named: RegExp): void {
  for (const name of readdirSync(parent)) {
    const pid = named.exec(name)?.[1];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    try {
      rmdirSync(join(parent, name));
    } catch {
      // Somebody else removed it, or something of it still ends: the next start looks again.
    }
  }
}
