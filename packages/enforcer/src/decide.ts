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
  const { subject, standing, now } = question;
  const matched: Matched = {};
  const reason = firstReason(question, matched);
  return {
    reason,
    matched: Object.freeze(matched),
    validUntil: Math.min(
      laterThan(now, standing?.expiresAt),
      laterThan(now, subject.mission?.expiresAt),
    ),
  };
}

type Matched = Partial<Record<Leg, Pattern>>;

function firstReason(question: Question, matched: Matched): Verdict["reason"] {
  const { capability, subject, standing, handle, missionRule, now } = question;
  if (handle?.isRevoked()) return "handle_revoked";
  if (!standing) return "plugin_unknown";
  if (now >= standing.expiresAt) return "grant_expired";

  const deny = standing.deny.explain(capability);
  if (deny !== undefined) {
    matched.deny = deny;
    return "plugin_denied";
  }
  const plugin = standing.allow.explain(capability);
  if (plugin === undefined) return "plugin_not_allowed";
  matched.plugin = plugin;

  if (handle?.set) {
    const held = handle.set.explain(capability);
    if (held === undefined) return "handle_not_allowed";
    matched.handle = held;
  }
  const workspace = subject.workspace.explain(capability);
  if (workspace === undefined) return "workspace_not_allowed";
  matched.workspace = workspace;
  const user = subject.user.explain(capability);
  if (user === undefined) return "user_not_allowed";
  matched.user = user;

  const { mission } = subject;
  if (!mission) return missionRule === "required" ? "mission_not_allowed" : "allowed";
  const ordered = mission.allow.explain(capability);
  if (ordered === undefined) return "mission_not_allowed";
  matched.mission = ordered;
  return now >= mission.expiresAt ? "mission_expired" : "allowed";
}

function laterThan(now: number, time: number | undefined): number {
  return time !== undefined && time > now ? time : Number.POSITIVE_INFINITY;
}
