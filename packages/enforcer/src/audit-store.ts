import type { Pattern } from "@sigilrt/capability";
import type { Leg } from "./decision.ts";

/** What a record is about. */
export type AuditAction =
  | "capability_check"
  | "superseded"
  | "grant.registered"
  | "grant.replaced"
  | "grant.removed"
  | "handle.revoked"
  | "consent.given"
  | "plugin.admitted"
  | "plugin.refused"
  | "plugin.started"
  | "plugin.stopped"
  | "call.completed"
  | "policy.changed"
  | "config.changed"
  | "audit.opened"
  | "audit.resealed"
  | "audit.pruned";

/** How what a record is about ended. */
export type AuditResult = "allowed" | "denied" | "ok" | "failed";

/** Where an earlier record lies. */
export interface AuditReference {
  /** The log. */
  readonly log: string;
  /** The sequence number in the log. */
  readonly seq: number;
}

/** One fact that outlives the process. */
export interface AuditRecord {
  /** What the record is about. */
  readonly action: AuditAction;
  /** The user; `system:<name>` for the runtime's own acts. Never the plugin. */
  readonly actor: string;
  /** The plugin. */
  readonly plugin?: string;
  /** The workspace. */
  readonly workspace?: string;
  /** The session. */
  readonly session?: string;
  /** The mission. */
  readonly mission?: string;
  /** As requested; a malformed one is cut to 256 units and escaped. */
  readonly capability?: string;
  /** How it ended. */
  readonly result: AuditResult;
  /** A reason of a decision, the `kind` of a rejection, the `code` of an error, or `ok`. */
  readonly reason: string;
  /** The pattern that decided each leg. */
  readonly matched?: Readonly<Partial<Record<Leg, Pattern>>>;
  /** The digest of each set that took part. */
  readonly policy?: Readonly<Partial<Record<Leg, string>>>;
  /** The generation of the grants. */
  readonly generation?: number;
  /** The answer came from the cache of a handle. */
  readonly cached?: boolean;
  /** The decision id of a `capability_check`, written by the store. */
  readonly decision?: string;
  /** The record that this one completes or supersedes. */
  readonly refers?: AuditReference;
  /** The W3C trace id. */
  readonly trace?: string;
  /** The W3C span id. */
  readonly span?: string;
  /** More, per action; at most 4 KiB as JSON. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Where a record lies. */
export interface AuditReceipt extends AuditReference {
  /** What callers may see: random, made by the store, never the sequence number. */
  readonly decisionId: string;
  /** The hash of the record, when the store chains its records. */
  readonly hash?: string;
}

/** A record as it was stored. */
export interface StoredAuditRecord extends AuditRecord, AuditReference {
  /** When it was stored, RFC 3339; absent in a store without a clock. */
  readonly at?: string;
}

/** Which records to answer with: those to which every given field applies. */
export interface AuditFilter {
  /** Stored at or after this time, RFC 3339. */
  readonly from?: string;
  /** Stored before this time, RFC 3339. */
  readonly to?: string;
  /** Sequence number. */
  readonly seq?: number;
  /** Decision id. */
  readonly decision?: string;
  /** Actor. */
  readonly actor?: string;
  /** Plugin. */
  readonly plugin?: string;
  /** Workspace. */
  readonly workspace?: string;
  /** A pattern that covers the capability of the record. */
  readonly capability?: string;
  /** Result. */
  readonly result?: AuditResult;
  /** Reason. */
  readonly reason?: string;
  /** Action. */
  readonly action?: AuditAction;
  /** W3C trace id. */
  readonly trace?: string;
}

/** A part of an answer, newest first. */
export interface AuditPage {
  /** The records. */
  readonly records: readonly StoredAuditRecord[];
  /** Where the next page begins; absent on the last. Stable under appends. */
  readonly cursor?: string;
}

/** The port through which decisions become durable. The audit packages implement it. */
export interface AuditStore {
  /**
   * Resolves when every record has the durability of the store, with one receipt per record in order;
   * rejects when none may be relied on. A store takes a record back when `signal` aborts before the record has its place.
   */
  append(
    records: readonly AuditRecord[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly AuditReceipt[]>;
  /** Answers with the records that `filter` describes, newest first; at most 1,000 a page. */
  query(
    filter: AuditFilter,
    page?: { readonly cursor?: string; readonly limit?: number },
  ): Promise<AuditPage>;
}
