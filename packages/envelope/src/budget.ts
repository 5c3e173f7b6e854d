import type { MicroUsd } from "./micro-usd.ts";

/** Why money is not set aside. */
export type BudgetDenial = "budget_exceeded" | "budget_invalid";

/** What became of asking for money. */
export type ReserveOutcome =
  | {
      /** The amount is held. */
      readonly ok: true;
      /** Names the reservation, once. */
      readonly id: string;
    }
  | {
      /** Nothing is held. */
      readonly ok: false;
      /** Why. */
      readonly reason: BudgetDenial;
    };

/** What was booked for a reservation. */
export interface Settlement {
  /** What was booked. */
  readonly booked: MicroUsd;
  /** How much more than was held; it is booked, and nothing can be reserved after it. */
  readonly overrun: MicroUsd;
  /** Whether the price was no price, so that the estimate was booked; nothing can be reserved after it. */
  readonly unknownPrice: boolean;
}

/** How much money is left, and what holds the rest. */
export interface BudgetState {
  /** The most that may ever be reserved and spent together. */
  readonly max: MicroUsd;
  /** What was booked. */
  readonly spent: MicroUsd;
  /** What open reservations hold. */
  readonly held: MicroUsd;
  /** Whether a price went over its estimate or was none: then nothing is reserved any more. */
  readonly stopped: boolean;
}

/** The money of one run. Every move happens at once, so that any number of callers together cannot hold more than there is. */
export interface Budget {
  /** Sets an estimate aside, before anything is paid: holds when `spent + held + estimate` is at most the maximum. */
  reserve(estimate: MicroUsd): ReserveOutcome;
  /** Books what a reservation has cost. @throws RangeError for a reservation that is not open */
  settle(id: string, actual: MicroUsd): Settlement;
  /** Frees a reservation that nothing was paid for. @throws RangeError for one that is not open */
  release(id: string): void;
  /** What it comes to now. */
  state(): BudgetState;
}

/**
 * Makes a budget. Zero lets nothing through that costs anything.
 *
 * @throws RangeError when `max` is absent, no `bigint`, or negative: no budget is not an unlimited one
 */
export function createBudget(max: MicroUsd): Budget {
  if (!isPrice(max)) {
    const state = max === undefined ? "the maximum is absent" : "the maximum is no amount";
    throw new RangeError(
      `Cannot make a budget: ${state}; pass micro-dollars as a bigint, 0n or more`,
    );
  }
  const open = new Map<string, MicroUsd>();
  let spent = 0n;
  let held = 0n;
  let stopped = false;
  let last = 0;

  const close = (id: string): MicroUsd => {
    const estimate = open.get(id);
    if (estimate === undefined) throw new RangeError(`Cannot close reservation "${id}": not open`);
    open.delete(id);
    held -= estimate;
    return estimate;
  };

  return Object.freeze({
    reserve(estimate: MicroUsd): ReserveOutcome {
      if (!isPrice(estimate)) return { ok: false, reason: "budget_invalid" };
      if (stopped || spent + held + estimate > max) return { ok: false, reason: "budget_exceeded" };
      last += 1;
      const id = String(last);
      open.set(id, estimate);
      held += estimate;
      return { ok: true, id };
    },
    settle(id: string, actual: MicroUsd): Settlement {
      const estimate = close(id);
      const unknownPrice = !isPrice(actual);
      const booked = unknownPrice ? estimate : actual;
      const overrun = booked > estimate ? booked - estimate : 0n;
      spent += booked;
      // Who was wrong about a price once is not asked for a second estimate.
      stopped ||= unknownPrice || overrun > 0n;
      return Object.freeze({ booked, overrun, unknownPrice });
    },
    release(id: string): void {
      close(id);
    },
    state: () => Object.freeze({ max, spent, held, stopped }),
  });
}

// Callers without types pass floats and texts.
const isPrice = (amount: unknown): boolean => typeof amount === "bigint" && amount >= 0n;
