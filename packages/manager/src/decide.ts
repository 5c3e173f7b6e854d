import { type CheckRequest, type Decision, publicAnswer } from "@sigilrt/enforcer";
import type { CallOutcome, Principal } from "./call.ts";
import type { Settings } from "./options.ts";
import type { AdmittedPlugin } from "./verify.ts";

/** What a decision is about: one capability of one plugin, for somebody. */
export interface Subject {
  readonly plugin: string;
  readonly capability: string;
  readonly principal: Principal;
}

/** Decides, on record. */
export function decide(
  subject: Subject,
  { enforcer }: Settings,
  signal: AbortSignal | undefined,
): Promise<Decision> {
  return enforcer.check(checkRequest(subject), signal ? { signal } : {});
}

/** Whether it would be allowed now; nothing is recorded. */
export const wouldAllow = (subject: Subject, { enforcer }: Settings): boolean =>
  enforcer.evaluate(checkRequest(subject)).allowed;

function checkRequest({ plugin, capability, principal }: Subject): CheckRequest {
  const { workspace, user, workspaceAllow, permissions, mission, session } = principal;
  return {
    plugin,
    capability,
    userId: user,
    workspaceId: workspace,
    workspaceAllow,
    userPermissions: permissions,
    ...(mission === undefined ? {} : { mission }),
    ...(session === undefined ? {} : { sessionId: session }),
  };
}

/** The answer to what is not to run, in the words a caller may hear. */
export function refuseBefore(
  decision: Decision,
  plugin: AdmittedPlugin | undefined,
): Extract<CallOutcome, { readonly kind: "denied" | "invalid" }> | undefined {
  if (decision.allowed) return undefined;
  const answer = publicAnswer(decision);
  if (!answer.allowed && answer.reason === "malformed") {
    return {
      kind: "invalid",
      issues: [{ path: ["tool"], message: "Cannot call: malformed name" }],
    };
  }
  return denied(decision, plugin ? "not_allowed" : "not_available");
}

/** The outcome of a decision that said no. */
export const denied = (
  decision: Decision,
  publicReason: "not_available" | "not_allowed",
): Extract<CallOutcome, { readonly kind: "denied" }> => ({
  kind: "denied",
  publicReason,
  decisionId: decisionIdOf(decision),
});

/** What an operator finds a decision by. */
export const decisionIdOf = ({ receipt }: Decision): string => receipt?.decisionId ?? "unrecorded";
