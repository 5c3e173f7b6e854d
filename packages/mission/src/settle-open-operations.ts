import type { OperationContext, OperationReceipt } from "./operation.ts";
import { receiptBody, type StartedOperation } from "./receipt-record.ts";
import type { OperationMeans } from "./operation-means.ts";
import { undo } from "./undo.ts";
import { readState, stateHashOf } from "./state.ts";

/** Gives every operation that a crash left without a receipt one, newest first. What was undone can be run again. */
export async function settleOpenOperations(means: OperationMeans): Promise<void> {
  const { log } = means;
  let certain = !log.state.uncertain;
  for (const started of [...log.state.open.values()].toReversed()) {
    // oxlint-disable-next-line no-await-in-loop -- newest first, each on what the one before left
    certain = (await settleOne(started, means)) && certain;
  }
  // A step was being undone: what was begun is ended, so that nothing half undone counts as done.
  for (const key of log.state.undoing) {
    const started = log.state.done.get(key);
    if (started === undefined) continue;
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const { status } = await undo(started, contextOf(started, means), means);
    certain &&= status !== "failed";
  }
  if (certain) return;
  await log.append({ type: "mission.completed", body: { status: "needs_operator" } });
}

async function settleOne(started: StartedOperation, means: OperationMeans): Promise<boolean> {
  const { log, options } = means;
  const handler = options.handler(started.type);
  const external = handler?.external ?? true;
  const untouched = (await stateNow(started, means)) === started.preStateHash;
  let status: OperationReceipt["compensationStatus"] = "not_needed";
  let stateHash: string | null = started.preStateHash;
  if (!untouched) {
    const undone = await undo(started, contextOf(started, means), means);
    status = undone.status;
    stateHash = undone.stateHash === "" ? null : undone.stateHash;
  }
  // That its paths are as before says nothing about what it did elsewhere.
  if (external) status = "failed";
  const receipt: OperationReceipt = {
    operationId: started.operationId,
    type: started.type,
    idempotencyKey: started.idempotencyKey,
    preStateHash: started.preStateHash,
    postStateHash: stateHash,
    compensation: started.compensation,
    compensationStatus: status,
    status: "aborted",
    cost: 0n,
    result: {},
    error: external ? "interrupted; nobody knows whether it was done" : "interrupted",
  };
  await log.append({ type: "operation.completed", body: receiptBody(started.stepId, receipt) });
  return status !== "failed";
}

const contextOf = (
  { now, idempotencyKey }: StartedOperation,
  { options: { envelope } }: OperationMeans,
): OperationContext => ({ envelope, now, idempotencyKey, signal: new AbortController().signal });

async function stateNow(
  { type, now, paths }: StartedOperation,
  { options: { envelope } }: OperationMeans,
): Promise<string | undefined> {
  try {
    return stateHashOf(await readState({ envelope, operation: type, now }, paths));
  } catch {
    return undefined;
  }
}
