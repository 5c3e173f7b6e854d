import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { longJournal } from "./audit-log.ts";
import type { RatioResult } from "./ratio.ts";

/** What a program of `fixtures/` says that it took, in bytes; each in a process of its own. */
async function bytesOf(fixture: string, ...args: readonly string[]): Promise<number> {
  const path = fileURLToPath(new URL(`fixtures/${fixture}`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--expose-gc",
    "--conditions=@sigilrt/source",
    path,
    ...args,
  ]);
  return Number(stdout);
}

/** A comparison of memory, which is counted once. */
export interface MemoryCase {
  readonly name: string;
  readonly maxRatio: number;
  readonly measure: () => Promise<{ readonly ours: number; readonly peer: number }>;
}

/** enforcement.md section 9 and audit.md section 8: what takes room. */
export const memoryCases: readonly MemoryCase[] = [
  {
    name: "enforcer: memory of 1,000 plugins of 25 patterns, 100 workspaces and 200 users, against 8 MiB",
    maxRatio: 1,
    measure: async () => ({ ours: await bytesOf("enforcer-memory.ts"), peer: 8 * 2 ** 20 }),
  },
  {
    name: "journal: memory of verifying 1,000,000 records, against 10,000",
    maxRatio: 1.2,
    async measure() {
      const sides = [];
      for (const records of [1_000_000, 10_000]) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other, so that neither takes the room of the other
        const { path, close } = await longJournal(records);
        // oxlint-disable-next-line no-await-in-loop -- see above
        sides.push(await bytesOf("verify-memory.ts", path));
        // oxlint-disable-next-line no-await-in-loop -- see above
        await close();
      }
      const [ours = Number.NaN, peer = Number.NaN] = sides;
      return { ours, peer };
    },
  },
];

export async function measureMemory({ name, maxRatio, measure }: MemoryCase): Promise<RatioResult> {
  const { ours, peer } = await measure();
  const ratio = ours / peer;
  const passed = ratio <= maxRatio;
  return { name, oursNs: ours, peerNs: peer, ratio, spread: 0, maxRatio, passed, unit: "bytes" };
}
