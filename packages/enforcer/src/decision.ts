import type { Pattern } from "@sigilrt/capability";
import type { AuditReceipt } from "./audit-store.ts";

/** One set that takes part in a decision. */
export type Leg = "deny" | "plugin" | "handle" | "workspace" | "user" | "mission";

/** Why something is denied, in the order in which the reasons are looked for; the first that holds is reported. */
export type DenialReason =
  | "request_invalid"
  | "capability_malformed"
  | "handle_revoked"
  | "plugin_unknown"
  | "grant_expired"
  | "plugin_denied"
  | "plugin_not_allowed"
  | "handle_not_allowed"
  | "workspace_not_allowed"
  | "user_not_allowed"
  | "mission_not_allowed"
  | "mission_expired"
  | "audit_unavailable"
  | "internal_error";

/** Why a decision is what it is. For operators and the audit; plugins and callers see `publicAnswer`. */
export type DecisionReason = DenialReason | "allowed";

/** What every decision says. */
export interface DecisionFacts {
  /** The plugin of the request; cut and escaped when it is invalid. */
  readonly plugin: string;
  /** The capability of the request; cut and escaped when it is malformed. */
  readonly capability: string;
  /** The pattern that decided each leg; absent where a leg was not reached or had no match. */
  readonly matched: Readonly<Partial<Record<Leg, Pattern>>>;
  /** Grows with every change of grants. */
  readonly generation: number;
  /** The answer came from the cache of a handle. */
  readonly cached: boolean;
}

/** What a recorded decision says besides. */
export interface RecordedFacts extends DecisionFacts {
  /** Where the record lies; absent in a denial whose record was lost. */
  readonly receipt?: AuditReceipt;
}

/** Yes, and the record of it is durable. */
export interface Allowed extends RecordedFacts {
  /** Always `true`. */
  readonly allowed: true;
  /** Always `"allowed"`. */
  readonly reason: "allowed";
}

/** No. */
export interface Denied extends RecordedFacts {
  /** Always `false`. */
  readonly allowed: false;
  /** The first reason that holds. */
  readonly reason: DenialReason;
}

/** The answer to a request: a value, frozen. */
export type Decision = Allowed | Denied;

/** What a request would be answered. It has no record and is no `Decision`: it never authorises an effect. */
export interface DryRun extends DecisionFacts {
  /** What `check` would answer, if its record became durable. */
  readonly allowed: boolean;
  /** Why. */
  readonly reason: DecisionReason;
}
