import {
  advise,
  CapabilityError,
  CapabilitySet,
  type Conflict,
  type Pattern,
  type PatternAdvice,
} from "@sigilrt/capability";
import { EnforcerError } from "./enforcer-error.ts";
import { isId, isObject, isTime } from "./request.ts";

/** What a person left of what a plugin asked for. */
export interface Grant {
  /** What the plugin may. */
  readonly allow: CapabilitySet | readonly string[];
  /** What it may not, whatever any other set says. */
  readonly deny: CapabilitySet | readonly string[];
  /** Milliseconds since 1970 from which on it may nothing. Never, by default. */
  readonly expiresAt?: number;
}

/** What a grant changes and what looks wrong about it. Frozen. */
export interface GrantReview {
  /** Allow patterns the old grant did not cover. */
  readonly added: readonly Pattern[];
  /** Old allow patterns the new grant does not cover. */
  readonly removed: readonly Pattern[];
  /** Old deny patterns the new deny does not cover. */
  readonly undenied: readonly Pattern[];
  /** Allow against deny, each with a witness. */
  readonly conflicts: readonly Conflict[];
  /** Allow patterns that another one covers. */
  readonly redundant: readonly Pattern[];
  /** Allow patterns that are unlikely to be meant. */
  readonly advice: readonly PatternAdvice[];
}

/** A person agrees to exactly this. */
export interface Consent {
  /** Who agrees. */
  readonly userId: string;
  /** The `added` of the review that the person saw, in any order. */
  readonly added: readonly string[];
  /** The `undenied` of the review that the person saw, in any order. */
  readonly undenied: readonly string[];
}

/** A grant, compiled. */
export interface Standing {
  readonly allow: CapabilitySet;
  readonly deny: CapabilitySet;
  readonly expiresAt: number;
}

/** The grant of a plugin that has none. */
export const nothing: Standing = {
  allow: CapabilitySet.empty,
  deny: CapabilitySet.empty,
  expiresAt: Number.NEGATIVE_INFINITY,
};

/** @throws EnforcerError INVALID_GRANT */
export function compileGrant(name: string, grant: Grant): Standing {
  if (!isObject(grant)) throw invalidGrant(name, "it is no object; pass allow and deny");
  const { allow, deny, expiresAt = Number.POSITIVE_INFINITY } = grant;
  if (!isTime(expiresAt)) {
    throw invalidGrant(name, "expiresAt is no number; pass milliseconds since 1970");
  }
  return {
    allow: compileSet(name, "allow", allow),
    deny: compileSet(name, "deny", deny),
    expiresAt,
  };
}

/** Compares a grant with the one before it. */
export function reviewGrant(before: Standing, after: Standing): GrantReview {
  return Object.freeze({
    added: before.allow.excess(after.allow),
    removed: after.allow.excess(before.allow),
    undenied: after.deny.excess(before.deny),
    conflicts: after.allow.conflicts(after.deny),
    redundant: after.allow.redundant(),
    advice: Object.freeze(after.allow.patterns.flatMap((pattern) => advise(pattern))),
  });
}

/** Answers whether a person has to agree: to a wider allow, a lost deny or a later end. */
export function needsConsent(before: Standing, after: Standing, review: GrantReview): boolean {
  return (
    review.added.length > 0 || review.undenied.length > 0 || after.expiresAt > before.expiresAt
  );
}

/** Answers whether a consent is about exactly this review. A stale one would agree to what nobody saw. */
export function isConsentTo(consent: Consent, review: GrantReview): boolean {
  return (
    isId(consent.userId) &&
    isSameList(consent.added, review.added) &&
    isSameList(consent.undenied, review.undenied)
  );
}

function isSameList(agreed: unknown, asked: readonly Pattern[]): boolean {
  if (!Array.isArray(agreed)) return false;
  const patterns = new Set<unknown>(agreed);
  return patterns.size === asked.length && asked.every((pattern) => patterns.has(pattern));
}

/** Unlike a set of a request, a set of a grant is not quietly empty: an empty deny denies nothing. */
function compileSet(name: string, part: "allow" | "deny", source: unknown): CapabilitySet {
  if (source instanceof CapabilitySet) return source;
  if (!Array.isArray(source)) {
    throw invalidGrant(name, `${part} is no list; pass a CapabilitySet or a list of patterns`);
  }
  try {
    return CapabilitySet.from(source);
  } catch (error) {
    if (!(error instanceof CapabilityError)) throw error;
    throw invalidGrant(name, `${part} is refused; ${error.message}`, error);
  }
}

function invalidGrant(name: string, problem: string, cause?: unknown): EnforcerError {
  return new EnforcerError("INVALID_GRANT", `Cannot grant rights to "${name}": ${problem}`, {
    cause,
  });
}
