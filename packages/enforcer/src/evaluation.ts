import type { Pattern } from "@sigilrt/capability";
import type { AuditReceipt, AuditRecord } from "./audit-store.ts";
import type { Verdict } from "./decide.ts";
import type { Decision, DecisionReason, DenialReason, DryRun, Leg } from "./decision.ts";
import { Fields, type Subject } from "./request.ts";
import { shown } from "./shown.ts";

/** A verdict and what it is about. */
export interface Evaluation {
  readonly reason: Verdict["reason"];
  readonly matched: Verdict["matched"];
  readonly validUntil: number;
  readonly generation: number;
  readonly cached: boolean;
  readonly plugin: string;
  readonly capability: string;
  /** Who asked: the checked subject, or what was found in its place. */
  readonly asker: Subject | Fields;
  /** The digest of each set, when there is a digest. */
  readonly policy: Readonly<Partial<Record<Leg, string>>> | undefined;
}

/** Turns an evaluation into an answer, frozen. `denial` is why it is denied although its legs allow it. */
export function toDecision(
  evaluation: Evaluation,
  receipt: AuditReceipt | undefined,
  denial?: DenialReason,
): Decision {
  const { reason } = evaluation;
  const facts = {
    ...factsOf(evaluation),
    ...(receipt && { receipt: Object.freeze({ ...receipt }) }),
  };
  if (denial !== undefined) return Object.freeze({ allowed: false, reason: denial, ...facts });
  return reason === "allowed"
    ? Object.freeze({ allowed: true, reason, ...facts })
    : Object.freeze({ allowed: false, reason, ...facts });
}

/** Turns an evaluation into an answer that authorises nothing, frozen. */
export function toDryRun(evaluation: Evaluation): DryRun {
  const { reason, plugin, capability, matched, generation, cached } = evaluation;
  const allowed = reason === "allowed";
  return Object.freeze({ allowed, reason, plugin, capability, matched, generation, cached });
}

/** Writes the record of an evaluation. */
export function toRecord(evaluation: Evaluation, reason: DecisionReason): AuditRecord {
  const { plugin, capability, matched, generation, cached, policy } = evaluation;
  return Object.freeze({
    action: "capability_check",
    ...identify(evaluation.asker),
    plugin,
    capability,
    result: reason === "allowed" ? "allowed" : "denied",
    reason,
    matched,
    generation,
    cached,
    ...(policy && { policy }),
  });
}

interface Facts {
  readonly plugin: string;
  readonly capability: string;
  readonly matched: Readonly<Partial<Record<Leg, Pattern>>>;
  readonly generation: number;
  readonly cached: boolean;
}

function factsOf({ plugin, capability, matched, generation, cached }: Evaluation): Facts {
  return { plugin, capability, matched, generation, cached };
}

type Identity = Pick<AuditRecord, "actor" | "workspace" | "session" | "mission" | "trace" | "span">;

/** Says who asked and in which context. The actor is the user, never the plugin. */
export function identify(asker: Subject | Fields): Identity {
  if (asker instanceof Fields) {
    const { userId, workspaceId, sessionId } = asker;
    return {
      actor: shown(userId),
      workspace: shown(workspaceId),
      ...(sessionId !== undefined && { session: shown(sessionId) }),
    };
  }
  const { userId, workspaceId, sessionId, mission, trace } = asker;
  return {
    actor: userId,
    workspace: workspaceId,
    ...(sessionId !== undefined && { session: sessionId }),
    ...(mission && { mission: mission.id }),
    ...(trace && { trace: trace.traceId, span: trace.spanId }),
  };
}
