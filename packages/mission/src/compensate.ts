import type { CompensationHandler, OperationContext } from "./operation.ts";
import type { StartedOperation } from "./receipt-record.ts";
import { deleteState, readState, restoreState, stateHashOf, type StateScope } from "./state.ts";

/** What compensations are run with. */
export interface CompensationMeans {
  readonly snapshots: string;
  readonly registered: Readonly<Record<string, CompensationHandler>>;
}

/** What a compensation came to. */
export interface Compensated {
  readonly status: "not_needed" | "verified" | "failed";
  /** The state after it; empty when that cannot be read. */
  readonly stateHash: string;
}

/** Undoes an operation and looks whether the state is the one before; nothing that it meets is thrown. */
export async function compensate(
  started: StartedOperation,
  context: OperationContext,
  { snapshots, registered }: CompensationMeans,
): Promise<Compensated> {
  const { compensation, paths, preStateHash, type, now } = started;
  const scope: StateScope = { envelope: context.envelope, operation: type, now };
  try {
    let sure = true;
    if (compensation.type === "restore") {
      const rows = started.snapshot.filter(([path]) => compensation.paths.includes(path));
      await restoreState(scope, rows, snapshots);
    } else if (compensation.type === "delete") {
      await deleteState(scope, compensation.paths);
    } else if (compensation.type === "registered") {
      const undo = registered[compensation.name];
      if (undo === undefined) return { status: "failed", stateHash: "" };
      ({ verified: sure } = await undo(compensation.params, context));
    }
    const stateHash = stateHashOf(await readState(scope, paths));
    if (!sure || stateHash !== preStateHash) return { status: "failed", stateHash };
    return { status: compensation.type === "none" ? "not_needed" : "verified", stateHash };
  } catch {
    return { status: "failed", stateHash: "" };
  }
}
