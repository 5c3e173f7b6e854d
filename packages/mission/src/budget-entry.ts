import type { MicroUsd } from "@sigilrt/envelope";
import type { JournalEntry } from "@sigilrt/journal";

/** A move of money as it goes on record; what went over its estimate is named. */
export const budgetEntry = (
  type: "budget.reserved" | "budget.settled" | "budget.released",
  reservation: string,
  amount: MicroUsd,
  overrun: MicroUsd = 0n,
): JournalEntry => ({
  type,
  body: {
    reservation,
    micro_usd: String(amount),
    ...(overrun > 0n ? { overrun_micro_usd: String(overrun) } : {}),
  },
});
