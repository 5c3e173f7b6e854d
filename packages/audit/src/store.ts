import { mkdir, stat } from "node:fs/promises";
import type { AuditFilter, AuditPage, AuditReceipt, AuditRecord } from "@sigilrt/enforcer";
import { type Journal, type JournalEntry, JournalError } from "@sigilrt/journal";
import { asAuditError, AuditError } from "./audit-error.ts";
import { AuditIndex } from "./audit-index.ts";
import { exportAudit, type ExportedRecord, type ExportOptions } from "./export.ts";
import { decisionIdOf } from "./decision-id.ts";
import { createMatcher } from "./matcher.ts";
import { openNewest, openNext, type OpenSegment, type SegmentOptions } from "./open-segment.ts";
import { type PageOptions, parsePage } from "./page.ts";
import { findRemoval, removeSegments } from "./prune.ts";
import { prunedBody, PRUNED_TYPE } from "./pruned-record.ts";
import { scanRecords } from "./query.ts";
import { entryOf } from "./record-body.ts";
import { createTokens, type Tokens } from "./redaction.ts";
import { openRedactionKey } from "./redaction-key.ts";
import { listSegments, numberOf, type Segment } from "./segment.ts";
import type {
  AuditHealth,
  AuditStoreOptions,
  EmbeddedAuditStore,
  PruneOptions,
  PrunedSegments,
} from "./store-options.ts";

const SEGMENT_BYTES = 256 * 1_048_576;
/** What a line holds beside its body, more or less. */
const LINE_FRAME = 320;

/**
 * Opens the audit store in a folder, made with mode 0700 when it is missing, after reading the newest segment to its end.
 *
 * @throws {@link AuditError} `LOCKED` while another process writes, `NOT_VERIFIED` when the log does not verify or is shorter than a
 * checkpoint says, `IO` also for a key of redaction that others may read
 * @throws RangeError for a key of redaction inside the folder, and for a `retainMs` that is no positive number or has no sink to go by
 */
export async function openAuditStore(
  directory: string,
  options: AuditStoreOptions,
): Promise<EmbeddedAuditStore> {
  const { redact, retainMs, sinks } = options;
  if (retainMs !== undefined && !(retainMs > 0)) {
    throw new RangeError(`Cannot open an audit store: retainMs is ${retainMs}, no positive number`);
  }
  if (retainMs !== undefined && sinks.length === 0) {
    throw new RangeError(
      "Cannot open an audit store: retainMs needs a sink, for nothing is removed that no checkpoint elsewhere covers",
    );
  }
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const tokens =
      redact && createTokens(await openRedactionKey(redact.keyFile, directory), redact);
    const segments = await listSegments(directory);
    const current = await openNewest(directory, segments, { ...options, tokens: tokens?.keyId });
    const { size } = await stat(current.segment.path);
    return new FolderStore(directory, options, tokens, current, size);
  } catch (cause) {
    if (cause instanceof RangeError) throw cause;
    throw asAuditError(cause, `Cannot open audit store "${directory}"`);
  }
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
  #pruning: Promise<unknown> = Promise.resolve();
  #notPruned: string | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    directory: string,
    options: AuditStoreOptions,
    tokens: Tokens | undefined,
    { segment, journal }: OpenSegment,
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
    this.#retain();
  }

  async append(
    records: readonly AuditRecord[],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly AuditReceipt[]> {
    if (this.#closing) throw new AuditError("CLOSED", "Cannot record: the audit store is closed");
    await this.#rotating;
    const { log } = this.#segment;
    const ids = records.map(() => decisionIdOf(log));
    const entries = records.map((record, index) =>
      entryOf(record, record.action === "capability_check" ? ids[index] : undefined, this.#tokens),
    );
    try {
      const written = await this.#journal.append(entries, options);
      this.#index?.follow();
      for (const { bodyBytes } of entries) this.#bytes += bodyBytes + LINE_FRAME;
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
      throw asAuditError(cause, "Cannot record");
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
    const lastError = writing ?? this.#notPruned ?? failure;
    return Object.freeze(lastError === undefined ? health : { ...health, lastError });
  }

  async checkpoint(): Promise<string> {
    await this.#rotating;
    return this.#journal.checkpoint();
  }

  prune(options: PruneOptions): Promise<PrunedSegments> {
    // One removal at a time: two would announce the same segments.
    const done = this.#pruning.then(() => this.#prune(options));
    this.#pruning = done.catch(() => undefined);
    return done;
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
      await this.#pruning;
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
    const next = await openNext(this.#directory, this.#segment, this.#segmentOptions());
    this.#segment = next.segment;
    this.#journal = next.journal;
    this.#bytes = 0;
    this.#retain();
  }

  /** Appends to the segment that is open, also when that is another one meanwhile. */
  async #appendNow(entries: readonly JournalEntry[]): Promise<void> {
    await this.#rotating;
    try {
      await this.#journal.append(entries);
    } catch (cause) {
      if (!isEnded(cause) || !this.#rotating) throw cause;
      await this.#appendNow(entries);
    }
  }

  #segmentOptions(): SegmentOptions {
    return { ...this.#options, tokens: this.#tokens?.keyId };
  }

  /** Removes what is old enough; health tells when it cannot. */
  #retain(): void {
    const { retainMs, clock = Date } = this.#options;
    if (retainMs === undefined) return;
    const before = new Date(clock.now() - retainMs).toISOString();
    this.prune({ before, actor: "system:retention" }).then(
      () => (this.#notPruned = undefined),
      (error: unknown) => (this.#notPruned = String(error)),
    );
  }

  async #prune({ before, actor }: PruneOptions): Promise<PrunedSegments> {
    if (this.#closing)
      throw new AuditError("CLOSED", "Cannot remove segments: the store is closed");
    await this.#rotating;
    const { sinks, signer, clock = Date } = this.#options;
    const beforeMs = Date.parse(before);
    if (!(beforeMs <= clock.now())) {
      throw new RangeError(`Cannot remove what is older than "${before}": no time, or yet to come`);
    }
    try {
      const segments = await listSegments(this.#directory);
      const closed = segments.filter(({ number }) => number < this.#segment.number);
      const removal = await findRemoval(closed, { beforeMs, sinks, vkey: signer.vkey });
      if (!removal) return Object.freeze({ segments: [] });
      const { first, segments: old } = removal;
      const who = this.#tokens?.user(actor) ?? actor;
      const detail = { first, segments: old.length, before };
      const record = { action: "audit.pruned", actor, result: "ok", reason: "ok", detail } as const;
      await this.#appendNow([
        { type: PRUNED_TYPE, body: prunedBody({ ...removal, actor: who }) },
        entryOf(record, undefined, this.#tokens),
      ]);
      // Signed before anything goes: an unsigned removal is one that anybody could have written.
      await this.checkpoint();
      await removeSegments(this.#directory, old);
      await this.#index?.forgetBefore(numberOf(first));
      return Object.freeze({ segments: Object.freeze(old.map(({ log }) => log)) });
    } catch (cause) {
      throw asAuditError(cause, "Cannot remove old segments");
    }
  }
}

const isEnded = (cause: unknown): boolean =>
  cause instanceof JournalError &&
  (cause.code === "JOURNAL_SEALED" || cause.code === "JOURNAL_CLOSED");
