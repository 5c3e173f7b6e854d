import { randomFillSync } from "node:crypto";

/** 96 bits: nobody guesses one, and none comes twice. */
const ID_BYTES = 12;
/** To ask the system for twelve bytes takes longer than all else that a record needs before it is hashed. */
const pool = Buffer.alloc(ID_BYTES * 341);
let used = pool.length;

/** A random decision id of a log: `<log>-` and 24 hex digits. */
export function decisionIdOf(log: string): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const digits = pool.toString("hex", used, used + ID_BYTES);
  used += ID_BYTES;
  return `${log}-${digits}`;
}
