import type { DecisionReason } from "./decision.ts";

/** All that a plugin or a caller may learn of a decision. */
export type PublicAnswer =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly reason: "malformed" | "denied" };

const allowed: PublicAnswer = Object.freeze({ allowed: true });
const malformed: PublicAnswer = Object.freeze({ allowed: false, reason: "malformed" });
const denied: PublicAnswer = Object.freeze({ allowed: false, reason: "denied" });

/**
 * Reduces a decision to what may leave the host. A precise reason would tell a hostile plugin how the policy
 * is written, and `audit_unavailable` that it has the right.
 */
export function publicAnswer(decision: {
  readonly allowed: boolean;
  readonly reason: DecisionReason;
}): PublicAnswer {
  if (decision.allowed) return allowed;
  return decision.reason === "capability_malformed" ? malformed : denied;
}
