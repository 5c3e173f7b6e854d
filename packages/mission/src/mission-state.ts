import { type Budget, createBudget, type Envelope, type MicroUsd } from "@sigilrt/envelope";
import type { JournalRecord } from "@sigilrt/journal";
import { MissionError } from "./mission-error.ts";
import type { OperationReceipt } from "./operation.ts";
import { microUsdOf, receiptFrom, type StartedOperation, startedFrom } from "./receipt-record.ts";
import { foldStep, type StepRecord, textOf } from "./step-record.ts";

const NO_PRICE = -1n;

/** How a mission ended. `needs_operator`: something is neither done nor undone. */
export type MissionStatus = "ok" | "failed" | "denied" | "aborted" | "needs_operator";

/** Money that is held, by the name that the journal has for it. */
interface OpenReservation {
  readonly id: string;
  readonly estimate: MicroUsd;
}

/** An operation and the paths that a step is about. */
export interface StepScope {
  readonly operation: string;
  readonly paths: readonly string[];
}

/** What the records of a mission come to. Every record passes here once, whether it was read or is written. */
export class MissionState {
  readonly steps = new Map<string, StepRecord>();
  readonly budget: Budget;
  /** Operations that are done, by idempotency key; one that was undone is not among them. */
  readonly finished = new Map<string, OperationReceipt>();
  /** Operations that were started and have no receipt, by idempotency key. */
  readonly open = new Map<string, StartedOperation>();
  /** What was started and is done, oldest first: what a failing step has to undo. */
  readonly done = new Map<string, StartedOperation>();
  readonly reservations = new Map<string, OpenReservation>();
  /** Whose state each step is held against. */
  readonly stepScopes = new Map<string, StepScope>();
  /** Operations whose compensation was begun and not ended, by idempotency key. */
  readonly undoing = new Set<string>();
  /** Whether something could not be undone. */
  uncertain = false;
  opened = false;
  ended: MissionStatus | undefined;

  constructor(envelope: Envelope) {
    this.budget = createBudget(envelope.maxBudget);
  }

  /** Takes in what is on record. @throws MissionError when it contradicts what came before */
  take(record: JournalRecord): void {
    const { type, body } = record;
    if (type === "mission.opened") this.opened = true;
    if (type === "mission.completed") this.ended = statusOf(body["status"]);
    foldStep(this.steps, record);
    const key = textOf(body["idempotency_key"]);
    if (type === "step.started") this.stepScopes.set(textOf(body["step_id"]), scopeFrom(body));
    if (type === "operation.started") this.open.set(key, startedFrom(body));
    if (type === "operation.completed") this.#close(key, receiptFrom(body));
    if (type === "compensation.started") this.undoing.add(key);
    if (type === "compensation.completed") {
      this.undoing.delete(key);
      this.uncertain ||= body["status"] === "failed";
      this.finished.delete(key);
      this.done.delete(key);
    }
  }

  /** Replays a move of money that was read; moves of this process were made before they were recorded. */
  replayBudget({ type, body }: JournalRecord): void {
    const name = textOf(body["reservation"]);
    const amount = microUsdOf(body["micro_usd"]);
    if (type === "budget.reserved") {
      const outcome = this.budget.reserve(amount);
      if (!outcome.ok) throw contradiction(`reservation ${name} does not fit its budget`);
      this.reservations.set(name, { id: outcome.id, estimate: amount });
    }
    if (type !== "budget.settled" && type !== "budget.released") return;
    const held = this.reservations.get(name);
    if (held === undefined) throw contradiction(`reservation ${name} is not open`);
    this.reservations.delete(name);
    // What was no price then is none now: the estimate is booked, and nothing can be reserved after it.
    const price = body["unknown_price"] === true ? NO_PRICE : amount;
    if (type === "budget.settled") this.budget.settle(held.id, price);
    else this.budget.release(held.id);
  }

  #close(key: string, receipt: OperationReceipt): void {
    const started = this.open.get(key);
    this.open.delete(key);
    this.uncertain ||= receipt.compensationStatus === "failed";
    if (receipt.status !== "ok") return;
    this.finished.set(key, receipt);
    if (started) this.done.set(key, started);
  }
}

const scopeFrom = (body: JournalRecord["body"]): StepScope => {
  const paths: unknown = body["paths"];
  return {
    operation: textOf(body["operation"]),
    paths: Array.isArray(paths) ? paths.map(textOf) : [],
  };
};

const contradiction = (state: string): MissionError =>
  new MissionError("IO", `Cannot resume the mission: ${state}`);

function statusOf(value: unknown): MissionStatus {
  return value === "ok" || value === "failed" || value === "denied" || value === "aborted"
    ? value
    : "needs_operator";
}
