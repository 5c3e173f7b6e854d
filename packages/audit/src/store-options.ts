import type {
  AuditFilter,
  AuditPage,
  AuditReceipt,
  AuditRecord,
  AuditStore,
} from "@sigilrt/enforcer";
import type { CheckpointSigner, CheckpointSink } from "@sigilrt/journal";
import type { ExportedRecord, ExportOptions } from "./export.ts";
import type { CoversCapability } from "./matcher.ts";
import type { PageOptions } from "./page.ts";
import type { RedactionOptions } from "./redaction.ts";

/** What is to be removed, and who says so. */
export interface PruneOptions {
  /** RFC 3339: a segment goes when all its records are older. */
  readonly before: string;
  /** Who has it removed; on record. */
  readonly actor: string;
}

/** What was removed. */
export interface PrunedSegments {
  /** The ids of the segments, oldest first; empty when none was old enough. */
  readonly segments: readonly string[];
}

/** What an audit store is opened with. */
export interface AuditStoreOptions {
  /** Signs checkpoints. */
  readonly signer: CheckpointSigner;
  /** Where checkpoints go. An empty list is written down: then a cut tail does not show. */
  readonly sinks: readonly CheckpointSink[];
  /** When `append` resolves: after a sync that callers share (`group`, the default), after one of its own (`each`), or after the write alone (`none`, unsafe). */
  readonly durability?: "group" | "each" | "none";
  /** Answers whether a pattern covers a capability: `matchCapability`. Without it, queries by capability are refused. */
  readonly covers?: CoversCapability;
  /** Bytes after which a segment is sealed and the next one begun; 256 MiB. A new key begins one, too. */
  readonly segmentBytes?: number;
  /** Milliseconds after which whole closed segments are removed, once a sink has a checkpoint that covers them; never when absent. */
  readonly retainMs?: number;
  /** Which values are replaced by tokens before they are written and hashed; none when absent. */
  readonly redact?: RedactionOptions;
  /** How queries find records: by an index in the folder (`sqlite`, the default where Node has `node:sqlite`), or by reading the segments (`scan`). */
  readonly index?: "sqlite" | "scan";
  /** Tells the time; the machine's when absent. */
  readonly clock?: { now(): number };
}

/** How well an audit store is. */
export interface AuditHealth {
  /** Whether what was appended survives a power cut. */
  readonly durable: boolean;
  /** Records that wait to be written. */
  readonly queued: number;
  /** Records of the present segment that a checkpoint at every sink vouches for. */
  readonly anchored: number;
  /** How queries are answered: by the index, or by reading the segments. */
  readonly index: "sqlite" | "scan";
  /** Why writing, a sink, the removal of old segments or the index failed last; absent while all is well. */
  readonly lastError?: string;
}

/** The audit store of one gateway node, in a folder. */
export interface EmbeddedAuditStore extends AuditStore, AsyncDisposable {
  /** As the port says. @throws {@link AuditError} `WRITE_FAILED`, `CLOSED` */
  append(
    records: readonly AuditRecord[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly AuditReceipt[]>;
  /** As the port says. @throws {@link AuditError} `NOT_VERIFIED`, `IO`; RangeError for a limit or cursor that is none */
  query(filter: AuditFilter, page?: PageOptions): Promise<AuditPage>;
  /** Exports what was written so far, as `exportAudit` does. */
  exportRecords(options: ExportOptions): AsyncIterable<ExportedRecord>;
  /** How well it is. */
  health(): AuditHealth;
  /**
   * Removes whole closed segments whose records are older, oldest first, once a sink has a checkpoint that covers them. The removal is
   * on record before it happens, and verification begins behind it. The open segment always stays.
   *
   * @throws {@link AuditError} `REFUSED` when no sink vouches for what would be removed, `NOT_VERIFIED`, `WRITE_FAILED`, `CLOSED`, `IO`;
   * RangeError for a time that is none or is yet to come
   */
  prune(options: PruneOptions): Promise<PrunedSegments>;
  /** Signs how far the log has come and hands the note to every sink. */
  checkpoint(): Promise<string>;
  /** Writes what waits, makes a checkpoint, lets go of the folder. Closing twice is closing once. */
  close(): Promise<void>;
}
