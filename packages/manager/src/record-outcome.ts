import type { Decision } from "@sigilrt/enforcer";
import type { CallOutcome, CallRequest } from "./call.ts";
import { reasonOf } from "./call-outcome.ts";
import type { Settings } from "./options.ts";

/** Records how a call ended, linked to the decision that allowed it. Rejects with what the store threw. */
export async function recordOutcome(
  { principal, plugin }: CallRequest,
  { receipt, capability }: Decision,
  outcome: CallOutcome,
  startedAt: number,
  { audit, clock }: Settings,
): Promise<void> {
  const isOk = outcome.kind === "completed" && !outcome.isError;
  await audit.append([
    {
      action: "call.completed",
      actor: principal.user,
      plugin,
      workspace: principal.workspace,
      ...(principal.session === undefined ? {} : { session: principal.session }),
      capability,
      result: isOk ? "ok" : "failed",
      reason: reasonOf(outcome),
      ...(receipt ? { refers: { log: receipt.log, seq: receipt.seq } } : {}),
      detail: { durationMs: clock.now() - startedAt },
    },
  ]);
}
