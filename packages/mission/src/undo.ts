import { compensate, type Compensated } from "./compensate.ts";
import type { OperationMeans } from "./operation-means.ts";
import type { OperationContext } from "./operation.ts";
import type { StartedOperation } from "./receipt-record.ts";

/** Runs an operation's compensation, on record. */
export async function undo(
  started: StartedOperation,
  context: OperationContext,
  { log, options, snapshots }: OperationMeans,
): Promise<Compensated> {
  const { stepId, operationId, idempotencyKey } = started;
  const named = {
    step_id: stepId,
    operation_id: operationId,
    idempotency_key: idempotencyKey,
  };
  await log.append({ type: "compensation.started", body: named });
  const registered = options.compensations ?? {};
  const undone = await compensate(started, context, { snapshots, registered });
  await log.append({
    type: "compensation.completed",
    body: { ...named, status: undone.status, state_hash: undone.stateHash },
  });
  return undone;
}
