import type { Decision } from "@sigilrt/enforcer";
import type { CallOutcome, Principal } from "./call.ts";
import type { Settings } from "./options.ts";

/** How something that was allowed ended. */
export interface Ended {
  readonly plugin: string;
  readonly principal: Principal;
  readonly decision: Decision;
  readonly result: "ok" | "failed";
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** Writes how something ended, linked to its decision. Rejects as the store does. */
export async function recordOutcome(
  { plugin, principal, decision, result, reason, startedAt }: Ended,
  { audit, clock }: Pick<Settings, "audit" | "clock">,
): Promise<void> {
  const { receipt, capability } = decision;
  await audit.append([
    {
      action: "call.completed",
      actor: principal.user,
      plugin,
      workspace: principal.workspace,
      ...(principal.session === undefined ? {} : { session: principal.session }),
      capability,
      result,
      reason,
      ...(receipt ? { refers: { log: receipt.log, seq: receipt.seq } } : {}),
      detail: { durationMs: clock.now() - startedAt },
    },
  ]);
}

/** The word of the record for an outcome. */
export function reasonOf(outcome: CallOutcome): string {
  switch (outcome.kind) {
    case "completed":
      return outcome.isError ? "tool_error" : "ok";
    case "invalid":
      return "invalid";
    case "denied":
      return outcome.publicReason;
    case "unavailable":
      return outcome.reason;
    case "cancelled":
      return `cancelled_${outcome.by}`;
    default:
      return outcome satisfies never;
  }
}
