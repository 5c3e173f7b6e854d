import type { MicroUsd, Settlement } from "@sigilrt/envelope";
import type { JournalEntry } from "@sigilrt/journal";

/** A move of money as it goes on record; a price that went over its estimate, or was none, is named. */
export const budgetEntry = (
  type: "budget.reserved" | "budget.settled" | "budget.released",
  reservation: string,
  amount: MicroUsd,
  { overrun = 0n, unknownPrice = false }: Partial<Settlement> = {},
): JournalEntry => ({
  type,
  body: {
    reservation,
    micro_usd: String(amount),
    ...(overrun > 0n ? { overrun_micro_usd: String(overrun) } : {}),
    ...(unknownPrice ? { unknown_price: true } : {}),
  },
});
