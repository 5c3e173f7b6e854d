/**
 * Decides whether a plugin may do something for a user in a workspace, and records the answer.
 *
 * @packageDocumentation
 */

export type {
  AuditAction,
  AuditFilter,
  AuditPage,
  AuditReceipt,
  AuditRecord,
  AuditReference,
  AuditResult,
  AuditStore,
  StoredAuditRecord,
} from "./audit-store.ts";
export type { BoundEnforcer, BoundSubject, CheckOptions } from "./bound-enforcer.ts";
export type { Clock } from "./clock.ts";
export type { MissionRule } from "./decide.ts";
export type {
  Allowed,
  Decision,
  DecisionFacts,
  DecisionReason,
  DenialReason,
  Denied,
  DryRun,
  Leg,
  RecordedFacts,
} from "./decision.ts";
export type { EffectivePermissions, EffectiveSubject } from "./effective.ts";
export { Enforcer } from "./enforcer.ts";
export {
  EnforcerError,
  type EnforcerErrorCode,
  type EnforcerErrorOptions,
} from "./enforcer-error.ts";
export type { EnforcerLimits, EnforcerOptions } from "./enforcer-options.ts";
export type { Change, Explanation, LegExplanation } from "./explanation.ts";
export type { Consent, Grant, GrantReview } from "./grant.ts";
export {
  createMemoryAuditStore,
  type MemoryAuditHealth,
  type MemoryAuditStore,
  type MemoryAuditStoreOptions,
} from "./memory-audit-store.ts";
export { type PublicAnswer, publicAnswer } from "./public-answer.ts";
export type { CheckRequest, MissionLeg, TraceContext } from "./request.ts";
