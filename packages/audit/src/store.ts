import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import type {
  AuditFilter,
  AuditPage,
  AuditReceipt,
  AuditRecord,
  AuditStore,
} from "@sigilrt/enforcer";
import {
  type CheckpointSigner,
  type CheckpointSink,
  type Journal,
  JournalError,
  openJournal,
  type VerifiedJournal,
  verifyJournal,
} from "@sigilrt/journal";
import { AuditError } from "./audit-error.ts";
import { AuditIndex } from "./audit-index.ts";
import { exportAudit, type ExportedRecord, type ExportOptions } from "./export.ts";
import { type CoversCapability, createMatcher } from "./matcher.ts";
import { type PageOptions, parsePage } from "./page.ts";
import { scanRecords } from "./query.ts";
import { entryOf } from "./record-body.ts";
import { createTokens, type RedactionOptions, type Tokens } from "./redaction.ts";
import { openRedactionKey } from "./redaction-key.ts";
import { listSegments, type Segment, segmentAt } from "./segment.ts";
import { linkTo } from "./verify-audit.ts";

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
  /** Bytes after which a segment is sealed and the next one begun; 256 MiB. */
  readonly segmentBytes?: number;
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
  /** Why writing, a sink or the index failed last; absent while all is well. */
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
  /** Signs how far the log has come and hands the note to every sink. */
  checkpoint(): Promise<string>;
  /** Writes what waits, makes a checkpoint, lets go of the folder. Closing twice is closing once. */
  close(): Promise<void>;
}

const SEGMENT_BYTES = 256 * 1_048_576;

/**
 * Opens the audit store in a folder, made with mode 0700 when it is missing, after reading the newest segment to its end.
 *
 * @throws {@link AuditError} `LOCKED` while another process writes, `NOT_VERIFIED` when the log does not verify or is shorter than a
 * checkpoint says, `IO` also for a key of redaction that others may read
 * @throws RangeError for a key of redaction inside the folder
 */
export async function openAuditStore(
  directory: string,
  options: AuditStoreOptions,
): Promise<EmbeddedAuditStore> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const { redact } = options;
    const tokens =
      redact && createTokens(await openRedactionKey(redact.keyFile, directory), redact);
    const segments = await listSegments(directory);
    const current = await openNewest(directory, segments, options);
    const { size } = await stat(current.segment.path);
    return new FolderStore(directory, options, tokens, current.segment, current.journal, size);
  } catch (cause) {
    if (cause instanceof RangeError) throw cause;
    throw translate(cause, `Cannot open audit store "${directory}"`);
  }
}

async function openNewest(
  directory: string,
  segments: readonly Segment[],
  options: AuditStoreOptions,
): Promise<{ readonly segment: Segment; readonly journal: Journal }> {
  const newest = segments.at(-1) ?? segmentAt(directory, 1);
  const journal = await openSegment(newest, options);
  if (journal.size === 0) {
    const before = segments.at(-2);
    await begin(journal, before && (await verified(before)));
    return { segment: newest, journal };
  }
  const state = await verified(newest);
  if (!state.sealed) return { segment: newest, journal };
  // A crash came between sealing one segment and beginning the next.
  await journal.close();
  return openNext(directory, newest, options);
}

async function openNext(
  directory: string,
  before: Segment,
  options: AuditStoreOptions,
): Promise<{ readonly segment: Segment; readonly journal: Journal }> {
  const segment = segmentAt(directory, before.number + 1);
  const journal = await openSegment(segment, options);
  await begin(journal, await verified(before));
  return { segment, journal };
}

function openSegment({ path, log }: Segment, options: AuditStoreOptions): Promise<Journal> {
  const { signer, sinks, durability, clock } = options;
  return openJournal(path, {
    log,
    signer,
    sinks,
    ...(durability === undefined ? {} : { durability }),
    ...(clock === undefined ? {} : { clock }),
  });
}

async function begin(journal: Journal, before: VerifiedJournal | undefined): Promise<void> {
  await journal.append([{ type: "audit.opened", body: linkTo(before) }]);
  await journal.checkpoint();
}

async function verified({ path, log }: Segment): Promise<VerifiedJournal> {
  const verdict = await verifyJournal(createReadStream(path), { log, mode: "fast" });
  if (verdict.ok) return verdict;
  throw new AuditError("NOT_VERIFIED", `Cannot go on from "${path}": ${verdict.kind}`, {
    fault: verdict,
  });
}

class FolderStore implements EmbeddedAuditStore {
  readonly #directory: string;
  readonly #options: AuditStoreOptions;
  readonly #tokens: Tokens | undefined;
  readonly #index: AuditIndex | undefined;
  #segment: Segment;
  #journal: Journal;
  #bytes: number;
  #rotating: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    directory: string,
    options: AuditStoreOptions,
    tokens: Tokens | undefined,
    segment: Segment,
    journal: Journal,
    bytes: number,
  ) {
    this.#bytes = bytes;
    this.#directory = directory;
    this.#options = options;
    this.#tokens = tokens;
    this.#index = options.index === "scan" ? undefined : new AuditIndex(directory);
    this.#index?.follow();
    this.#segment = segment;
    this.#journal = journal;
  }

  async append(
    records: readonly AuditRecord[],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly AuditReceipt[]> {
    if (this.#closing) throw new AuditError("CLOSED", "Cannot record: the audit store is closed");
    await this.#rotating;
    const { log } = this.#segment;
    const ids = records.map(() => `${log}-${randomBytes(12).toString("hex")}`);
    const entries = records.map((record, index) =>
      entryOf(record, record.action === "capability_check" ? ids[index] : undefined, this.#tokens),
    );
    try {
      const written = await this.#journal.append(entries, options);
      this.#index?.follow();
      this.#bytes += written.reduce((sum, { body }) => sum + JSON.stringify(body).length + 512, 0);
      if (this.#bytes >= (this.#options.segmentBytes ?? SEGMENT_BYTES)) this.#rotate();
      return written.map(({ seq, entry_hash: hash }, index) => {
        const decisionId = ids[index] ?? "";
        return Object.freeze({ log, seq, decisionId, hash });
      });
    } catch (cause) {
      if (options.signal?.aborted === true) throw cause;
      // A segment that was sealed meanwhile: the records go into the next one.
      if (isEnded(cause) && this.#rotating) {
        return this.append(records, options);
      }
      throw translate(cause, "Cannot record");
    }
  }

  async query(filter: AuditFilter, page: PageOptions = {}): Promise<AuditPage> {
    const matcher = createMatcher(filter, this.#options.covers, this.#tokens);
    const request = parsePage(page);
    const answer = await this.#index?.query(matcher, request);
    return answer ?? scanRecords(this.#directory, matcher, request);
  }

  exportRecords(options: ExportOptions): AsyncIterable<ExportedRecord> {
    return exportAudit(this.#directory, options);
  }

  health(): AuditHealth {
    const { durable, queued, anchored, lastError: writing } = this.#journal.health();
    const failure = this.#index?.failure;
    const index = this.#index && failure === undefined ? "sqlite" : "scan";
    const health = { durable, queued, anchored, index } as const;
    const lastError = writing ?? failure;
    return Object.freeze(lastError === undefined ? health : { ...health, lastError });
  }

  async checkpoint(): Promise<string> {
    await this.#rotating;
    return this.#journal.checkpoint();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    try {
      await this.#rotating;
      await this.#journal.close();
    } finally {
      await this.#index?.close();
    }
  }

  #rotate(): void {
    this.#rotating ??= this.#nextSegment().finally(() => {
      this.#rotating = undefined;
    });
    // A failure shows at the next append, which goes to a journal that is sealed.
    this.#rotating.catch(() => undefined);
  }

  async #nextSegment(): Promise<void> {
    await this.#journal.seal();
    await this.#journal.close();
    const next = await openNext(this.#directory, this.#segment, this.#options);
    this.#segment = next.segment;
    this.#journal = next.journal;
    this.#bytes = 0;
  }
}

const isEnded = (cause: unknown): boolean =>
  cause instanceof JournalError &&
  (cause.code === "JOURNAL_SEALED" || cause.code === "JOURNAL_CLOSED");

const codes: Readonly<Partial<Record<JournalError["code"], AuditError["code"]>>> = {
  JOURNAL_LOCKED: "LOCKED",
  NOT_VERIFIED: "NOT_VERIFIED",
  TRUNCATED: "NOT_VERIFIED",
  JOURNAL_CLOSED: "CLOSED",
  IO: "IO",
};

function translate(cause: unknown, attempt: string): AuditError {
  if (cause instanceof AuditError) return cause;
  const detail = cause instanceof Error ? cause.message : "unknown failure";
  if (cause instanceof JournalError) {
    const code = codes[cause.code] ?? "WRITE_FAILED";
    const { fault } = cause;
    return new AuditError(code, `${attempt}: ${detail}`, fault ? { cause, fault } : { cause });
  }
  return new AuditError("IO", `${attempt}: ${detail}`, { cause });
}
