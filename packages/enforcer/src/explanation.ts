import { type CapabilitySet, matchCapability, type Pattern } from "@sigilrt/capability";
import type { DecisionReason, Leg } from "./decision.ts";
import type { Standing } from "./grant.ts";
import type { Subject } from "./request.ts";

/** What one leg says to a request. */
export interface LegExplanation {
  /** The leg. */
  readonly leg: Leg;
  /** `true` when this leg alone would not stop the request. */
  readonly passes: boolean;
  /** The pattern that decided it; absent where none matches. */
  readonly pattern?: Pattern;
  /** The patterns of the set. */
  readonly patterns: readonly Pattern[];
}

/** One thing to change so that a request would be allowed. */
export interface Change {
  /** What to do. */
  readonly kind:
    | "correct_request"
    | "register_plugin"
    | "renew_grant"
    | "remove_patterns"
    | "add_pattern"
    | "run_under_mission"
    | "renew_mission";
  /** The set to change, with `remove_patterns` and `add_pattern`. */
  readonly leg?: Leg;
  /** The patterns to remove from it, or the one to add. */
  readonly patterns?: readonly string[];
  /** The same in words, for an operator. */
  readonly text: string;
}

/** Every leg of a request, and what would allow it. For people who may see the policy. */
export interface Explanation {
  /** What `check` would answer, if its record became durable. */
  readonly allowed: boolean;
  /** The first reason that holds. */
  readonly reason: DecisionReason;
  /** The plugin of the request. */
  readonly plugin: string;
  /** The capability of the request. */
  readonly capability: string;
  /** The generation of the grants. */
  readonly generation: number;
  /** All legs that take part, evaluated even after one that stops the request. */
  readonly legs: readonly LegExplanation[];
  /** The smallest change that would allow it, in steps of which each is needed; empty when it is allowed. */
  readonly changes: readonly Change[];
}

/** What is explained. */
export interface Explained {
  readonly capability: string;
  readonly subject: Subject;
  readonly standing: Standing | undefined;
  readonly isMissionRequired: boolean;
  readonly now: number;
}

/** Evaluates every leg of a well-formed request. */
export function explainLegs({
  capability,
  subject,
  standing,
}: Explained): readonly LegExplanation[] {
  const { workspace, user, mission } = subject;
  const sets: readonly (readonly [Leg, CapabilitySet | undefined])[] = [
    ["deny", standing?.deny],
    ["plugin", standing?.allow],
    ["workspace", workspace],
    ["user", user],
    ["mission", mission?.allow],
  ];
  return Object.freeze(
    sets.flatMap(([leg, set]) => (set ? [explainLeg(leg, set, capability)] : [])),
  );
}

/** Names the smallest change that would allow a well-formed request. */
export function changesFor(
  explained: Explained,
  legs: readonly LegExplanation[],
): readonly Change[] {
  const { capability, subject, standing, isMissionRequired, now } = explained;
  const { plugin, mission } = subject;
  const changes: Change[] = [];
  if (!standing) {
    const text = `register "${plugin}" with a grant that allows ${capability}`;
    changes.push({ kind: "register_plugin", text });
  } else if (now >= standing.expiresAt) {
    changes.push({ kind: "renew_grant", text: `renew the grant of "${plugin}"` });
  }
  for (const leg of legs) {
    if (!leg.passes) changes.push(changeOf(leg, capability));
  }
  if (!mission && isMissionRequired) {
    const text = `run it under a mission that allows ${capability}`;
    changes.push({ kind: "run_under_mission", text });
  }
  if (mission && now >= mission.expiresAt) {
    changes.push({ kind: "renew_mission", text: `renew the mission "${mission.id}"` });
  }
  return Object.freeze(changes.map((change) => Object.freeze(change)));
}

function explainLeg(leg: Leg, set: CapabilitySet, capability: string): LegExplanation {
  const pattern = set.explain(capability);
  return Object.freeze({
    leg,
    passes: (pattern !== undefined) !== (leg === "deny"),
    ...(pattern !== undefined && { pattern }),
    patterns: set.patterns,
  });
}

function changeOf({ leg, patterns }: LegExplanation, capability: string): Change {
  if (leg !== "deny") {
    const text = `add ${capability} to the patterns of the ${leg} leg`;
    return { kind: "add_pattern", leg, patterns: Object.freeze([capability]), text };
  }
  const denying = patterns.filter((pattern) => matchCapability(pattern, capability));
  const text = `remove ${denying.join(", ")} from the denials of the plugin`;
  return { kind: "remove_patterns", leg, patterns: Object.freeze(denying), text };
}
