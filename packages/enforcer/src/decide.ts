import { CapabilitySet, type Pattern } from "@sigilrt/capability";
import type { DenialReason, Leg } from "./decision.ts";
import type { Standing } from "./grant.ts";
import type { Handle } from "./handle.ts";
import type { Subject } from "./request.ts";

/** Whether work must be under a mission. */
export type MissionRule = "optional" | "required";

/** Everything a decision depends on. */
export interface Question {
  readonly capability: string;
  readonly subject: Subject;
  readonly standing: Standing | undefined;
  readonly handle: Handle | undefined;
  readonly missionRule: MissionRule;
  readonly now: number;
}

/** The answer, before it is recorded. */
export interface Verdict {
  readonly reason: Exclude<DenialReason, "audit_unavailable"> | "allowed";
  readonly matched: Readonly<Partial<Record<Leg, Pattern>>>;
  /** From this time on the answer may be another. */
  readonly validUntil: number;
}

const everything = CapabilitySet.from(["*"]);

/** Answers whether `capability` is well-formed: a star covers all that is, and nothing that is not. */
export function isWellFormed(capability: string): boolean {
  return everything.contains(capability);
}

/** Decides on a well-formed capability. Pure. The first reason that holds is the answer. */
export function decide(question: Question): Verdict {
  const { capability, subject, standing, handle, missionRule, now } = question;
  const { mission } = subject;
  const matched: Partial<Record<Leg, Pattern>> = {};
  const verdict = (reason: Verdict["reason"]): Verdict => ({
    reason,
    matched: Object.freeze(matched),
    validUntil: Math.min(laterThan(now, standing?.expiresAt), laterThan(now, mission?.expiresAt)),
  });
  const matches = (leg: Leg, set: CapabilitySet): boolean => {
    const pattern = set.explain(capability);
    if (pattern !== undefined) matched[leg] = pattern;
    return pattern !== undefined;
  };

  if (handle?.isRevoked()) return verdict("handle_revoked");
  if (!standing) return verdict("plugin_unknown");
  if (now >= standing.expiresAt) return verdict("grant_expired");
  if (matches("deny", standing.deny)) return verdict("plugin_denied");
  if (!matches("plugin", standing.allow)) return verdict("plugin_not_allowed");
  if (handle?.set && !matches("handle", handle.set)) return verdict("handle_not_allowed");
  if (!matches("workspace", subject.workspace)) return verdict("workspace_not_allowed");
  if (!matches("user", subject.user)) return verdict("user_not_allowed");
  if (!mission) return verdict(missionRule === "required" ? "mission_not_allowed" : "allowed");
  if (!matches("mission", mission.allow)) return verdict("mission_not_allowed");
  return verdict(now >= mission.expiresAt ? "mission_expired" : "allowed");
}

function laterThan(now: number, time: number | undefined): number {
  return time !== undefined && time > now ? time : Number.POSITIVE_INFINITY;
}
