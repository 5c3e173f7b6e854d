import { decide, type MicroUsd, parseUsd } from "@sigilrt/envelope";
import type { JournalEntry } from "@sigilrt/journal";
import { budgetEntry } from "./budget-entry.ts";
import type { Compensated } from "./compensate.ts";
import { attempting } from "./mission-error.ts";
import type {
  Operation,
  OperationAnswer,
  OperationContext,
  OperationDenial,
  OperationHandler,
  OperationReceipt,
  OperationStatus,
} from "./operation.ts";
import { receiptBody, startedBody, type StartedOperation } from "./receipt-record.ts";
import { recorded } from "./recorded.ts";
import { readState, stateHashOf, type StateScope, takeSnapshot } from "./state.ts";
import { undo } from "./undo.ts";
import type { OperationMeans } from "./operation-means.ts";

/** One operation on its way. */
interface Attempt {
  readonly stepId: string;
  readonly operation: Operation;
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
}

/** Runs an operation that is not finished yet. @throws MissionError `IO` */
export async function runOperation(
  attempt: Attempt,
  means: OperationMeans,
): Promise<OperationReceipt> {
  const { operation } = attempt;
  const now = means.now();
  const handler = means.options.handler(operation.type);
  const denial = denialOf(operation, handler, now, means);
  if (denial !== undefined || handler === undefined) {
    return recordDenial(attempt, denial ?? "no_handler", means);
  }
  const { budget } = means.log.state;
  const estimate = parseUsd(operation.estimateUsd);
  const reserved = budget.reserve(estimate);
  if (!reserved.ok) return recordDenial(attempt, reserved.reason, means);

  let started: StartedOperation;
  try {
    started = await prepare(attempt, now, means);
    // Its record precedes its effect: when this fails, nothing has happened.
    await means.log.append(budgetEntry("budget.reserved", started.reservation, estimate), {
      type: "operation.started",
      body: startedBody(started, operation),
    });
  } catch (error) {
    budget.release(reserved.id);
    throw error;
  }
  const context = contextOf(attempt, now, means);
  const outcome = await answerOf(handler, operation, context);
  return settle(attempt, { started, outcome, context, estimate, reservation: reserved.id }, means);
}

function denialOf(
  operation: Operation,
  handler: OperationHandler | undefined,
  now: number,
  { options }: OperationMeans,
): OperationDenial | undefined {
  const { type, paths, estimateUsd, compensation } = operation;
  const decision = decide(options.envelope, { operation: type, paths, estimateUsd }, now);
  if (!decision.allowed) return decision.reason;
  if (handler === undefined) return "no_handler";
  if (compensation.type === "none") return undefined;
  const known =
    compensation.type === "registered"
      ? Object.hasOwn(options.compensations ?? {}, compensation.name)
      : compensation.paths.every((path) => paths.includes(path));
  return known ? undefined : "compensation_invalid";
}

function prepare(attempt: Attempt, now: number, means: OperationMeans): Promise<StartedOperation> {
  const { stepId, operation, idempotencyKey } = attempt;
  const { operationId, type, paths, compensation } = operation;
  const scope: StateScope = { envelope: means.options.envelope, operation: type, now };
  return attempting(`look at the paths of operation "${operationId}"`, async () => {
    const kept = compensation.type === "restore";
    const snapshot = kept
      ? await takeSnapshot(scope, paths, means.snapshots)
      : await readState(scope, paths);
    return {
      stepId,
      operationId,
      type,
      idempotencyKey,
      paths,
      compensation,
      preStateHash: stateHashOf(snapshot),
      snapshot,
      now,
      reservation: `${idempotencyKey.slice(0, 16)}-${means.log.size}`,
    };
  });
}

const contextOf = (
  { idempotencyKey, signal }: Attempt,
  now: number,
  { options: { envelope } }: OperationMeans,
): OperationContext => ({ envelope, now, idempotencyKey, signal });

/** What a handler answered, or what kept it from it. */
interface Outcome {
  readonly status: OperationStatus;
  readonly result: OperationAnswer["result"];
  readonly cost: MicroUsd | undefined;
  readonly error?: string;
}

async function answerOf(
  handler: OperationHandler,
  operation: Operation,
  context: OperationContext,
): Promise<Outcome> {
  try {
    context.signal.throwIfAborted();
    const { status, result, cost } = await handler.run(operation, context);
    return { status, result: recorded(result), cost };
  } catch (error) {
    const message = error instanceof Error ? error.message : "unknown failure";
    const status = context.signal.aborted ? "aborted" : "failed";
    return { status, result: {}, cost: undefined, error: message.slice(0, 256) };
  }
}

interface Ran {
  readonly started: StartedOperation;
  readonly outcome: Outcome;
  readonly context: OperationContext;
  readonly estimate: MicroUsd;
  readonly reservation: string;
}

async function settle(
  { stepId, operation }: Attempt,
  { started, outcome, context, estimate, reservation }: Ran,
  means: OperationMeans,
): Promise<OperationReceipt> {
  const { log } = means;
  const undone =
    outcome.status === "ok"
      ? await stateAfter(started, means)
      : await undo(started, context, means);
  // Without a state after it nobody knows what it did.
  const status = outcome.status === "ok" && undone.status === "failed" ? "failed" : outcome.status;
  const moved = book({ outcome, estimate, reservation, name: started.reservation }, means);
  const receipt: OperationReceipt = Object.freeze({
    operationId: operation.operationId,
    type: operation.type,
    idempotencyKey: started.idempotencyKey,
    preStateHash: started.preStateHash,
    postStateHash: undone.stateHash === "" ? null : undone.stateHash,
    compensation: operation.compensation,
    compensationStatus: undone.status,
    status,
    cost: moved.cost,
    result: outcome.result,
    ...(status === "denied" ? { denial: "refused" as const } : {}),
    ...(outcome.error === undefined ? {} : { error: outcome.error }),
  });
  await log.append(moved.entry, {
    type: "operation.completed",
    body: receiptBody(stepId, receipt),
  });
  return receipt;
}

async function stateAfter(started: StartedOperation, means: OperationMeans): Promise<Compensated> {
  const { type: operation, now, paths } = started;
  try {
    const rows = await readState({ envelope: means.options.envelope, operation, now }, paths);
    return { status: "not_needed", stateHash: stateHashOf(rows) };
  } catch {
    return { status: "failed", stateHash: "" };
  }
}

function book(
  {
    outcome,
    estimate,
    reservation,
    name,
  }: Pick<Ran, "outcome" | "estimate" | "reservation"> & { readonly name: string },
  { log }: OperationMeans,
): { readonly cost: MicroUsd; readonly entry: JournalEntry } {
  const { budget } = log.state;
  if (outcome.status === "denied") {
    budget.release(reservation);
    return { cost: 0n, entry: budgetEntry("budget.released", name, estimate) };
  }
  // An unknown price is the estimate: the call may have been paid.
  const settlement = budget.settle(reservation, outcome.cost ?? estimate);
  const { booked } = settlement;
  return { cost: booked, entry: budgetEntry("budget.settled", name, booked, settlement) };
}

async function recordDenial(
  { stepId, operation, idempotencyKey }: Attempt,
  denial: OperationDenial,
  { log }: OperationMeans,
): Promise<OperationReceipt> {
  const receipt: OperationReceipt = Object.freeze({
    operationId: operation.operationId,
    type: operation.type,
    idempotencyKey,
    preStateHash: null,
    postStateHash: null,
    compensation: operation.compensation,
    compensationStatus: "not_needed",
    status: "denied",
    cost: 0n,
    result: {},
    denial,
  });
  await log.append({ type: "operation.completed", body: receiptBody(stepId, receipt) });
  return receipt;
}
