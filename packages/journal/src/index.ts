/**
 * An append-only log whose changes and cuts show: records bound by hashes, signed checkpoints, one writer, group commit, recovery
 * after a crash, and verification that anyone can do offline. It knows no plugin words.
 *
 * @packageDocumentation
 */

export {
  type CheckpointSigner,
  type CheckpointVerdict,
  createCheckpointSigner,
  type LogState,
  signCheckpoint,
  verifyCheckpoint,
  type VerifyCheckpointOptions,
} from "./checkpoint.ts";
export { type Journal, type JournalHealth, type JournalOptions, openJournal } from "./journal.ts";
export { JournalError, type JournalErrorCode, type JournalErrorOptions } from "./journal-error.ts";
export { type PreparedEntry, prepareEntry } from "./prepared-entry.ts";
export type { JournalEntry, JournalRecord, JsonObject } from "./record.ts";
export { openSigningKey } from "./signing-key.ts";
export type { CheckpointSink } from "./sink.ts";
export type { JournalFault, JournalFaultKind, JournalVerdict, VerifiedJournal } from "./verdict.ts";
export { verifyJournal, type VerifyOptions } from "./verify.ts";
export { hasLiveWriter, holdJournal } from "./writer-lock.ts";
