import type { JournalFaultKind } from "@sigilrt/journal";
import type { IndexFault } from "./verify-index.ts";

/** What does not verify in an audit directory. */
export type AuditFaultKind =
  | JournalFaultKind
  | "segment_missing"
  | "segment_link_broken"
  | "accepted_loss_changed"
  | "checkpoints_inconsistent"
  | IndexFault["kind"];

/** The first thing that does not verify in an audit directory. */
export interface AuditFault {
  /** What. */
  readonly kind: AuditFaultKind;
  /** The segment it is in. */
  readonly segment?: string;
  /** The line in it, from 1. */
  readonly line?: number;
}

/** Damage that a person gave up, with a signature. It is still there, and what it hides is not proven. */
export interface AcceptedLoss {
  /** The segment that is damaged. */
  readonly segment: string;
  /** What does not verify in it. */
  readonly kind: string;
  /** The line in it, from 1. */
  readonly line?: number;
  /** Who gave it up. */
  readonly actor: string;
  /** Why, in that person's words. */
  readonly reason: string;
  /** When, RFC 3339. */
  readonly at: string;
}

/** Segments that were removed on purpose. */
export interface PrunedPart {
  /** The first segment that is left. */
  readonly first: string;
  /** Who had them removed. */
  readonly actor: string;
  /** When, RFC 3339. */
  readonly at: string;
}

/** What verification of an audit directory finds, and what that proves. */
export type AuditVerdict =
  | {
      /** Every record follows from the one before, over all segments, but for what is named in `losses` and `pruned`. */
      readonly ok: true;
      /** Records in all that verify. */
      readonly records: number;
      /** The `entry_hash` of the last one; absent when there is none. */
      readonly head?: string;
      /** How many records a given checkpoint vouches for. */
      readonly anchored: number;
      /** How many came after it. */
      readonly unanchored: number;
      /** Damage that a person gave up; absent when there is none. */
      readonly losses?: readonly AcceptedLoss[];
      /** What was removed on purpose; absent when nothing was. Verification began behind it. */
      readonly pruned?: PrunedPart;
    }
  | (AuditFault & {
      /** Something does not verify. */
      readonly ok: false;
    });
