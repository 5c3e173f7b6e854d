import type { CallOutcome } from "./call.ts";
import type { NoLease } from "./lease.ts";

/** The outcome of what found no instance to run on. */
export function unavailable(
  lease: NoLease,
): Extract<CallOutcome, { readonly kind: "unavailable" }> {
  if (lease.reason !== "refused") return { kind: "unavailable", ...lease };
  const isChanged = lease.error.code === "SURFACE_CHANGED";
  return { kind: "unavailable", reason: isChanged ? "awaiting_consent" : "crashed" };
}
