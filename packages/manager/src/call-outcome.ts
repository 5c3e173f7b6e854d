import type { Decision } from "@sigilrt/enforcer";
import type { CallOutcome } from "./call.ts";
import type { NoLease } from "./lease.ts";

/** A call that was not allowed to run. */
export const denied = (
  decision: Decision,
  publicReason: "not_available" | "not_allowed",
): CallOutcome => ({ kind: "denied", publicReason, decisionId: decisionIdOf(decision) });

/** What an operator finds a decision by. */
export const decisionIdOf = ({ receipt }: Decision): string => receipt?.decisionId ?? "unrecorded";

/** A call that was allowed and has no instance. */
export function unavailable(lease: NoLease): CallOutcome {
  if (lease.reason !== "refused") return { kind: "unavailable", ...lease };
  const isChanged = lease.error.code === "SURFACE_CHANGED";
  return { kind: "unavailable", reason: isChanged ? "awaiting_consent" : "crashed" };
}

/** The word for an outcome in its record. */
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
