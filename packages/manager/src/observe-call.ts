import type { Decision } from "@sigilrt/enforcer";
import type { CallOutcome, CallRequest } from "./call.ts";
import { reasonOf } from "./record-outcome.ts";
import type { Settings } from "./options.ts";
import type { Observed } from "./telemetry.ts";
import type { AdmittedPlugin } from "./verify.ts";

/** Stands for every name that nobody approved: a stranger's text is no attribute. */
const UNKNOWN = "unknown";

/** A call as metrics and spans see it. */
export interface ObservedCall {
  readonly span: Observed;
  /** Counts a denial. */
  denied(decision: Pick<Decision, "reason"> | "limit"): void;
  /** The tool is one of the plugin's. */
  knows(tool: string): void;
  /** Ends it; once. */
  end(outcome: CallOutcome): void;
}

/** Begins to observe a call. */
export function observeCall(
  { traceparent }: CallRequest,
  admitted: AdmittedPlugin | undefined,
  { telemetry, clock }: Settings,
): ObservedCall {
  const plugin = admitted?.manifest.name ?? UNKNOWN;
  const startedAt = clock.now();
  let tool = UNKNOWN;
  telemetry.callsActive.add(1, { plugin });
  const span = telemetry.begin("plugin.call", { plugin }, traceparent);
  return {
    span,
    denied: (decision) =>
      telemetry.denied.add(1, {
        plugin,
        reason: decision === "limit" ? decision : decision.reason,
      }),
    knows: (name) => {
      tool = name;
    },
    end: (result) => {
      const outcome = reasonOf(result);
      telemetry.callsActive.add(-1, { plugin });
      telemetry.calls.add(1, { plugin, tool, outcome });
      telemetry.callDuration.record((clock.now() - startedAt) / 1_000, { plugin, outcome });
      span.end({ tool, outcome }, outcome === "ok" ? undefined : "failed");
    },
  };
}
