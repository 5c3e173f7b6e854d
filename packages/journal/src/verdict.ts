/** What does not verify; a closed list. */
export type JournalFaultKind =
  | "record_malformed"
  | "record_not_canonical"
  | "record_too_large"
  | "unknown_version"
  | "log_mismatch"
  | "sequence_gap"
  | "chain_broken"
  | "entry_hash_mismatch"
  | "record_after_seal"
  | "torn_tail"
  | "not_sealed"
  | "truncated"
  | "checkpoint_mismatch"
  | "checkpoint_malformed"
  | "checkpoint_signature_invalid"
  | "checkpoint_of_other_log";

/** The first thing that does not verify. */
export interface JournalFault {
  /** What it is. */
  readonly kind: JournalFaultKind;
  /** The line, from 1; absent where the fault is in no line. */
  readonly line?: number;
  /** The size of the checkpoint that is not met. */
  readonly checkpoint?: number;
}

/** A log that verifies, and what that proves. */
export interface VerifiedJournal {
  /** Every record follows from the one before. */
  readonly ok: true;
  /** How many records there are. */
  readonly records: number;
  /** The log's id; absent in an empty log of unknown id. */
  readonly log?: string;
  /** The `entry_hash` of the last record; absent in an empty log. */
  readonly head?: string;
  /** The RFC 6962 root over all lines, in base64. */
  readonly root: string;
  /** How many records a given checkpoint vouches for: what lies behind them could have been cut. */
  readonly anchored: number;
  /** How many records came after that checkpoint. */
  readonly unanchored: number;
  /** Whether the log was ended. */
  readonly sealed: boolean;
  /** Places where the clock went back: no fault, for clocks do that. */
  readonly clockWentBack: readonly number[];
}

/** What verification finds. */
export type JournalVerdict = VerifiedJournal | (JournalFault & { readonly ok: false });
