import type { CallOutcome } from "@sigilrt/manager";
import { type Block, blockOf } from "./content.ts";
import { invalidParams } from "./invalid-params.ts";
import { type JsonObject, type JsonValue, RPC, type RpcError } from "./vocabulary.ts";

/** The result of a tool as MCP has it. */
type ToolResult = {
  content: Block[];
  structuredContent?: JsonValue;
  isError: boolean;
  _meta?: Record<string, JsonValue>;
};

/** What a call is answered with. */
export type CallAnswer =
  | {
      readonly ok: true;
      readonly result: ToolResult;
      /** The schema that the tool's structured result follows. */
      readonly outputSchema?: JsonObject;
    }
  | { readonly ok: false; readonly error: RpcError };

/** The one answer about every tool that a principal cannot see, whether it exists or not. */
export const unknownTool: CallAnswer = Object.freeze({
  ok: false,
  error: Object.freeze({ code: RPC.invalidParams, message: "Unknown tool" }),
});

/** Turns an outcome into the words of the protocol. `isStillVisible` is asked when a call was not allowed. */
export function answerOf(outcome: CallOutcome, isStillVisible: () => boolean): CallAnswer {
  switch (outcome.kind) {
    case "completed": {
      const { content, structured, isError } = outcome;
      const result = { content: content.map(blockOf), isError };
      return {
        ok: true,
        result: structured === undefined ? result : { ...result, structuredContent: structured },
      };
    }
    case "invalid":
      return { ok: false, error: invalidParams(outcome.issues) };
    case "denied": {
      const { publicReason: reason, decisionId, retryAfterMs } = outcome;
      const isGone = reason === "not_available" || (reason === "not_allowed" && !isStillVisible());
      if (isGone) return unknownTool;
      const text = `Refused: ${reason}, decision ${decisionId}${retryText(retryAfterMs)}`;
      const decision = { reason, decisionId, ...retryMember(retryAfterMs) };
      return failed(text, { "dev.sigilrt/decision": decision });
    }
    case "unavailable": {
      const { reason, retryAfterMs } = outcome;
      const unavailable = { reason, ...retryMember(retryAfterMs) };
      return failed(`Unavailable: ${reason}${retryText(retryAfterMs)}`, {
        "dev.sigilrt/unavailable": unavailable,
      });
    }
    case "cancelled":
      return failed(`Cancelled: ${outcome.by}`, { "dev.sigilrt/cancelled": { by: outcome.by } });
    default:
      return outcome satisfies never;
  }
}

const failed = (text: string, meta: Record<string, JsonValue>): CallAnswer => ({
  ok: true,
  result: { content: [{ type: "text", text }], isError: true, _meta: meta },
});

/** When to try again, as text behind a reason. */
export const retryText = (ms: number | undefined): string =>
  ms === undefined ? "" : `, try again in ${Math.ceil(ms / 1_000)} s`;

/** When to try again, as a member of data. */
export const retryMember = (ms: number | undefined): { readonly retryAfterMs?: number } =>
  ms === undefined ? {} : { retryAfterMs: ms };
