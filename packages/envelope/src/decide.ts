import { foldKey, type SafePath } from "@sigilrt/canonical";
import type { MissionLeg } from "@sigilrt/enforcer";
import type { BudgetDenial } from "./budget.ts";
import { type Envelope, type EnvelopeParts, partsOf } from "./envelope.ts";
import { usdOf } from "./micro-usd.ts";
import { matchesExactly, matchesFoldedOrAbove } from "./path-pattern.ts";
import { belowRoot } from "./below-root.ts";

/** Why a path is refused before anything is opened. */
export type PathDenial =
  | "path_unsafe"
  | "path_outside_root"
  | "protected_path"
  | "path_denied"
  | "path_not_allowed";

/** Why an operation is refused; a closed list. */
export type EnvelopeDenial = "envelope_expired" | "op_not_allowed" | PathDenial | BudgetDenial;

/** What is to be done. */
export interface OperationRequest {
  /** The operation: its capability. */
  readonly operation: string;
  /** The paths that it may change or read, relative to the root, or absolute and inside it. */
  readonly paths: readonly string[];
  /** What it may cost at most, in dollars; `"0"` for nothing. */
  readonly estimateUsd: string;
}

/** What an envelope says to an operation. */
export type EnvelopeDecision =
  | {
      /** Everything holds. */
      readonly allowed: true;
      /** The paths as they are below the root, in the order of the request. */
      readonly paths: readonly SafePath[];
    }
  | {
      /** Something does not. */
      readonly allowed: false;
      /** The first thing that does not hold. */
      readonly reason: EnvelopeDenial;
      /** The path that it was about, as it was given. */
      readonly path?: string;
    };

/**
 * Decides about an operation at a time in milliseconds since the epoch. Pure: what a path leads to is found out when it is opened.
 *
 * The order is fixed and the first failure answers: expiry, operation, safe path inside the root, protected, denied, allowed, price.
 */
export function decide(
  envelope: Envelope,
  request: OperationRequest,
  now: number,
): EnvelopeDecision {
  const compiled = partsOf(envelope);
  // A clock that answers no number is not before any end.
  if (envelope.expiresAt !== undefined && !(now < envelope.expiresAt)) {
    return { allowed: false, reason: "envelope_expired" };
  }
  if (!envelope.allow.contains(request.operation)) {
    return { allowed: false, reason: "op_not_allowed" };
  }
  const paths: SafePath[] = [];
  for (const path of request.paths) {
    const place = belowRoot(envelope.root, path);
    if (typeof place === "object") return { allowed: false, reason: place.reason, path };
    const reason = pathDenial(compiled, place);
    if (reason !== undefined) return { allowed: false, reason, path };
    paths.push(place);
  }
  const estimate = usdOf(request.estimateUsd);
  if (estimate === undefined) return { allowed: false, reason: "budget_invalid" };
  if (estimate > envelope.maxBudget) return { allowed: false, reason: "budget_exceeded" };
  return { allowed: true, paths };
}

/** Decides about one path below the root: protected, denied, allowed. */
export function pathDenial(compiled: EnvelopeParts, path: SafePath): PathDenial | undefined {
  const segments = path.split("/");
  const folded = segments.map(foldKey);
  if (isProtected(compiled, folded)) return "protected_path";
  if (compiled.denyPaths.some((pattern) => matchesFoldedOrAbove(pattern, folded))) {
    return "path_denied";
  }
  const allowed = compiled.allowPaths.some((pattern) => matchesExactly(pattern, segments));
  return allowed ? undefined : "path_not_allowed";
}

/** Turns an envelope into the leg of an enforcer's decision. Paths and money are asked of {@link decide}. */
export function missionLeg(envelope: Envelope, id: string): MissionLeg {
  partsOf(envelope);
  const { allow, expiresAt } = envelope;
  return Object.freeze({ id, allow, ...(expiresAt === undefined ? {} : { expiresAt }) });
}

function isProtected(compiled: EnvelopeParts, folded: readonly string[]): boolean {
  if (compiled.protectedPaths.some((pattern) => matchesFoldedOrAbove(pattern, folded))) return true;
  // Whoever renames or deletes a folder above an object changes the object: hence either may be the longer one.
  return compiled.protectedBelowRoot.some((object) =>
    object.slice(0, folded.length).every((segment, at) => segment === folded[at]),
  );
}
