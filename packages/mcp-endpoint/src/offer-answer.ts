import type { CallOutcome } from "@sigilrt/manager";
import { retryMember, retryText } from "./call-answer.ts";
import { type JsonValue, RPC, type RpcError } from "./vocabulary.ts";

/** What asking for a prompt or a resource is answered with. */
export type OfferAnswer =
  | { readonly kind: "found"; readonly value: JsonValue }
  /** There is none, the plugin knows of none, or it may not be had: the same in all three. */
  | { readonly kind: "unknown" }
  | { readonly kind: "failed"; readonly error: RpcError };

/** Turns an outcome into the words of the protocol, which has no results that are errors here. */
export function offerAnswerOf(outcome: CallOutcome): OfferAnswer {
  switch (outcome.kind) {
    case "completed":
      return outcome.isError || outcome.structured === undefined
        ? { kind: "unknown" }
        : { kind: "found", value: outcome.structured };
    // A name that no right can hold is nobody's.
    case "invalid":
      return { kind: "unknown" };
    case "denied": {
      const { publicReason: reason, decisionId, retryAfterMs } = outcome;
      if (reason !== "limit") return { kind: "unknown" };
      const decision = { reason, decisionId, ...retryMember(retryAfterMs) };
      return failed(`Refused: ${reason}, decision ${decisionId}${retryText(retryAfterMs)}`, {
        "dev.sigilrt/decision": decision,
      });
    }
    case "unavailable": {
      const { reason, retryAfterMs } = outcome;
      return failed(`Unavailable: ${reason}${retryText(retryAfterMs)}`, {
        "dev.sigilrt/unavailable": { reason, ...retryMember(retryAfterMs) },
      });
    }
    case "cancelled":
      return failed(`Cancelled: ${outcome.by}`, { "dev.sigilrt/cancelled": { by: outcome.by } });
    default:
      return outcome satisfies never;
  }
}

const failed = (message: string, data: JsonValue): OfferAnswer => ({
  kind: "failed",
  error: { code: RPC.refused, message, data },
});
