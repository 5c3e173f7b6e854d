import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { type CheckpointSigner, type LogState, signCheckpoint } from "./checkpoint.ts";
import { JournalError } from "./journal-error.ts";
import type { MerkleFrontier } from "./merkle.ts";
import { checkType, type EncodedRecord, WrittenEntry } from "./prepared-entry.ts";
import { isLogId, type JournalEntry, type JournalRecord } from "./record.ts";
import { notesPath, recoverJournal, type Recovered } from "./recover.ts";
import type { CheckpointSink } from "./sink.ts";
import { takeWriterLock, type WriterLock } from "./writer-lock.ts";

/** What a journal is opened with. */
export interface JournalOptions {
  /** The log's id, 1 to 256 printable ASCII characters. */
  readonly log: string;
  /** Signs checkpoints. */
  readonly signer: CheckpointSigner;
  /** Keys that signed checkpoints of this log before, as `vkey` texts: what they vouch for must still be there. */
  readonly formerKeys?: readonly string[];
  /** Where checkpoints go. An empty list is written down: then a cut tail does not show. */
  readonly sinks: readonly CheckpointSink[];
  /** When `append` resolves: after a sync that callers share (`group`, the default), after one of its own (`each`), or after the write alone (`none`, which a power cut undoes). */
  readonly durability?: "each" | "group" | "none";
  /** Tells the time; the machine's when absent. */
  readonly clock?: { now(): number };
}

/** How well a journal is. */
export interface JournalHealth {
  /** Whether what was appended survives a power cut. */
  readonly durable: boolean;
  /** Records that wait to be written. */
  readonly queued: number;
  /** How many records the newest checkpoint that reached every sink vouches for. */
  readonly anchored: number;
  /** Why writing or a sink failed last; absent while all is well. */
  readonly lastError?: string;
}

/** An append-only log, open for writing. One process holds it. */
export interface Journal extends AsyncDisposable {
  /** The log's id. */
  readonly log: string;
  /** How many records it has. */
  readonly size: number;
  /**
   * Appends records, all or none, in the order of the calls. Resolves when they have the journal's durability. A caller whose
   * signal aborts before its records have their place takes them back; after that they stand.
   *
   * @throws {@link JournalError} `RECORD_NOT_SERIALIZABLE`, `RECORD_TOO_LARGE`, `JOURNAL_SEALED`, `JOURNAL_CLOSED`, `WRITE_FAILED`
   */
  append(
    entries: readonly JournalEntry[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<readonly JournalRecord[]>;
  /** Signs how far the log has come and hands the note to every sink. @throws {@link JournalError} `WRITE_FAILED` */
  checkpoint(): Promise<string>;
  /** Ends the log: nothing may follow. @throws {@link JournalError} as `append` */
  seal(): Promise<void>;
  /** How well it is. */
  health(): JournalHealth;
  /** Writes what waits, makes a checkpoint, lets go of the file. Closing twice is closing once. */
  close(): Promise<void>;
}

const CHECKPOINT_EVERY = 256;
const CHECKPOINT_AFTER_MS = 1_000;
const MAX_QUEUED = 10_000;
const MAX_QUEUED_BYTES = 8 * 1_048_576;

/**
 * Opens a journal for writing, after reading it to its end: a torn last line is set aside and recorded, and a dead writer's lock is
 * taken over.
 *
 * @throws {@link JournalError} `JOURNAL_LOCKED`, `TRUNCATED`, `NOT_VERIFIED`, `IO`
 * @throws RangeError for an id that no log can have
 */
export async function openJournal(path: string, options: JournalOptions): Promise<Journal> {
  if (!isLogId(options.log)) {
    throw new RangeError(
      "Cannot open a journal: its log id is not 1 to 256 printable ASCII characters",
    );
  }
  const lock = await takeWriterLock(`${path}.lock`);
  try {
    const handle = await openFile(path);
    try {
      const { log, signer, sinks, formerKeys = [] } = options;
      const keys = [signer.vkey, ...formerKeys];
      const recovered = await recoverJournal(path, handle, { log, keys, sinks });
      const journal = new FileJournal(path, options, handle, lock, recovered);
      await journal.begin(recovered.torn, lock.tookOver?.pid);
      return journal;
    } catch (error) {
      await handle.close();
      throw error;
    }
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Callers whose records are written together. */
interface Waiting {
  readonly entries: readonly WrittenEntry[];
  readonly bytes: number;
  readonly resolve: (records: readonly JournalRecord[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Callers whose records have their place in the chain. */
interface Placed {
  readonly waiting: Waiting;
  readonly encoded: readonly EncodedRecord[];
}

class FileJournal implements Journal {
  readonly log: string;
  readonly #path: string;
  readonly #options: JournalOptions;
  readonly #handle: FileHandle;
  readonly #lock: WriterLock;
  readonly #tree: MerkleFrontier;
  readonly #now: () => number;
  #head: string | null;
  #position: number;
  #sealed: boolean;
  #failure: JournalError | undefined;
  #lastError: string | undefined;
  #queue: Waiting[] = [];
  #queuedBytes = 0;
  #room: (() => void)[] = [];
  #flushing: Promise<void> | undefined;
  #sinceCheckpoint = 0;
  #checkpointAt = 0;
  #anchored = 0;
  #closing: Promise<void> | undefined;

  constructor(
    path: string,
    options: JournalOptions,
    handle: FileHandle,
    lock: WriterLock,
    recovered: Recovered,
  ) {
    this.log = options.log;
    this.#path = path;
    this.#options = options;
    this.#handle = handle;
    this.#lock = lock;
    this.#tree = recovered.tree;
    this.#head = recovered.head;
    this.#position = recovered.bytes;
    this.#sealed = recovered.sealed;
    const clock = options.clock ?? Date;
    this.#now = () => clock.now();
  }

  get size(): number {
    return this.#tree.size;
  }

  /** Puts on record what opening found, then anchors the log. */
  async begin(torn: Recovered["torn"], deadWriter: number | undefined): Promise<void> {
    const body = {
      ...(torn === undefined ? {} : { torn_bytes: torn.bytes, torn_digest: torn.digest }),
      ...(deadWriter === undefined ? {} : { dead_writer: deadWriter }),
    };
    if (Object.keys(body).length > 0 && !this.#sealed) {
      await this.#enqueue([WrittenEntry.of({ type: "journal.recovered", body })]);
    }
    await this.checkpoint();
  }

  async append(
    entries: readonly JournalEntry[],
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly JournalRecord[]> {
    const prepared = entries.map((entry) => WrittenEntry.of(entry));
    for (const { type } of prepared) checkType(type);
    return this.#enqueue(prepared, signal);
  }

  async checkpoint(): Promise<string> {
    await this.#flushing;
    this.#refuseAfterFailure();
    this.#sinceCheckpoint = 0;
    this.#checkpointAt = this.#now();
    const state: LogState = { log: this.log, size: this.size, root: this.#tree.root() };
    const note = signCheckpoint(state, this.#options.signer);
    await this.#keepBeside(note);
    const kept = await Promise.allSettled(this.#options.sinks.map((sink) => sink.store(note)));
    const failed = kept.find((result) => result.status === "rejected");
    // A sink that fails gets the next note; it stops nobody, and health tells of it.
    this.#lastError = failed ? `a checkpoint sink failed: ${String(failed.reason)}` : undefined;
    if (!failed) this.#anchored = state.size;
    return note;
  }

  async seal(): Promise<void> {
    if (this.#sealed) return;
    await this.#enqueue([WrittenEntry.of({ type: "journal.sealed", body: {} })]);
    await this.checkpoint();
  }

  health(): JournalHealth {
    return Object.freeze({
      durable: this.#options.durability !== "none",
      queued: this.#queue.length,
      anchored: this.#anchored,
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await this.#flushing;
    if (!this.#failure) await this.checkpoint().catch(() => undefined);
    await this.#handle.close();
    await this.#lock.release();
  }

  async #enqueue(
    entries: readonly WrittenEntry[],
    signal?: AbortSignal,
  ): Promise<readonly JournalRecord[]> {
    let bytes = 0;
    for (const { maxBytes } of entries) bytes += maxBytes;
    if (this.#isFull) await this.#waitForRoom(signal);
    signal?.throwIfAborted();
    if (this.#closing)
      throw new JournalError("JOURNAL_CLOSED", "Cannot append: the journal is closed");
    if (this.#sealed)
      throw new JournalError("JOURNAL_SEALED", "Cannot append: the journal is sealed");
    this.#refuseAfterFailure();

    const { promise, resolve, reject } = Promise.withResolvers<readonly JournalRecord[]>();
    const waiting: Waiting = { entries, bytes, resolve, reject };
    this.#queue.push(waiting);
    this.#queuedBytes += bytes;
    this.#flushing ??= this.#flush();
    if (!signal) return promise;
    const leave = (): void => this.#withdraw(waiting, signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  get #isFull(): boolean {
    return this.#queue.length >= MAX_QUEUED || this.#queuedBytes >= MAX_QUEUED_BYTES;
  }

  async #waitForRoom(signal: AbortSignal | undefined): Promise<void> {
    while (this.#isFull) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#room.push(resolve);
      signal?.addEventListener("abort", () => resolve(), { once: true });
      // oxlint-disable-next-line no-await-in-loop -- looks again whenever there may be room
      await promise;
      signal?.throwIfAborted();
    }
  }

  #withdraw(waiting: Waiting, reason: unknown): void {
    const at = this.#queue.indexOf(waiting);
    // Records that already have their place cannot be taken back.
    if (at < 0) return;
    this.#queue.splice(at, 1);
    this.#queuedBytes -= waiting.bytes;
    waiting.reject(reason);
  }

  /** One flush is under way at a time; what arrives meanwhile is the next batch. */
  async #flush(): Promise<void> {
    // Callers of this turn share the first batch.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch =
        this.#options.durability === "each" ? this.#queue.splice(0, 1) : this.#queue.splice(0);
      for (const { bytes } of batch) this.#queuedBytes -= bytes;
      for (const go of this.#room.splice(0)) go();
      // oxlint-disable-next-line no-await-in-loop -- batches follow each other
      await this.#write(batch);
    }
    this.#flushing = undefined;
    const isDue =
      this.#sinceCheckpoint >= CHECKPOINT_EVERY ||
      this.#now() - this.#checkpointAt >= CHECKPOINT_AFTER_MS;
    if (isDue && this.#sinceCheckpoint > 0 && !this.#failure) {
      this.checkpoint().catch(() => undefined);
    }
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const placed = this.#place(batch);
    let lines = "";
    for (const { encoded } of placed) {
      for (const { line } of encoded) lines += `${line}\n`;
    }
    try {
      this.#refuseAfterFailure();
      if (lines !== "") await this.#store(Buffer.from(lines));
    } catch (error) {
      this.#fail(error);
      for (const { waiting } of placed) waiting.reject(this.#failure);
      return;
    }
    for (const { encoded } of placed) {
      for (const { line } of encoded) this.#tree.add(line);
      this.#sinceCheckpoint += encoded.length;
    }
    for (const { waiting, encoded } of placed) waiting.resolve(encoded.map(({ record }) => record));
  }

  /** Gives every record of a batch its place in the chain; a caller whose record cannot have one is told, and nobody else. */
  #place(batch: readonly Waiting[]): readonly Placed[] {
    const at = new Date(this.#now()).toISOString();
    const placed: Placed[] = [];
    let seq = this.size;
    for (const waiting of batch) {
      if (this.#sealed) {
        waiting.reject(new JournalError("JOURNAL_SEALED", "Cannot append: the journal is sealed"));
        continue;
      }
      const encoded: EncodedRecord[] = [];
      for (const entry of waiting.entries) {
        const next = entry.at({ log: this.log, seq, prev_hash: this.#head, at });
        this.#head = next.record.entry_hash;
        encoded.push(next);
        seq += 1;
        this.#sealed ||= entry.type === "journal.sealed";
      }
      placed.push({ waiting, encoded });
    }
    return placed;
  }

  async #store(bytes: Buffer): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      // oxlint-disable-next-line no-await-in-loop -- a write may be short
      const { bytesWritten } = await this.#handle.write(
        bytes,
        written,
        bytes.length - written,
        this.#position,
      );
      if (bytesWritten === 0) throw new Error("nothing was written");
      written += bytesWritten;
      this.#position += bytesWritten;
    }
    if (this.#options.durability !== "none") await this.#handle.datasync();
  }

  /** A file system may forget an error once it was told, so a second try would prove nothing: the journal stays closed for writing. */
  #fail(cause: unknown): void {
    const detail = cause instanceof Error ? cause.message : "unknown failure";
    const message = `Cannot append to "${this.#path}": ${detail}; open it again once there is room`;
    this.#failure ??= new JournalError("WRITE_FAILED", message, { cause });
    this.#lastError = message;
  }

  #refuseAfterFailure(): void {
    if (this.#failure) throw this.#failure;
  }

  async #keepBeside(note: string): Promise<void> {
    try {
      const handle = await open(notesPath(this.#path), "a", 0o600);
      try {
        await handle.writeFile(`${note}\n\n`);
        if (this.#options.durability !== "none") await handle.datasync();
      } finally {
        await handle.close();
      }
    } catch (error) {
      this.#fail(error);
      this.#refuseAfterFailure();
    }
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    const handle = await open(path, "a+", 0o600);
    await handle.close();
    const folder = await open(dirname(path), "r");
    await folder.sync();
    await folder.close();
    // Not for appending: every write says where it goes, so that a torn line is overwritten where it began.
    return await open(path, "r+");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown failure";
    throw new JournalError("IO", `Cannot open journal "${path}": ${code}`, { cause });
  }
}
