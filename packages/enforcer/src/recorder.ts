import type { AuditReceipt, AuditRecord, AuditStore } from "./audit-store.ts";
import { isObject } from "./request.ts";

/** Gives a signal that aborts when the time is over. `AbortSignal.timeout` is one. */
export type Deadline = (timeoutMs: number) => AbortSignal;

/** Writes records and waits for them no longer than agreed. A store cannot make it reject. */
export class Recorder {
  readonly #audit: AuditStore;
  readonly #timeoutMs: number;
  readonly #deadline: Deadline;
  #lost = 0;

  constructor(audit: AuditStore, timeoutMs: number, deadline: Deadline) {
    this.#audit = audit;
    this.#timeoutMs = timeoutMs;
    this.#deadline = deadline;
  }

  /** How many denials, removals and revocations took effect without a durable record. */
  get lost(): number {
    return this.#lost;
  }

  /** Writes records of what has taken effect already. Never rejects: what is lost is counted. */
  async note(records: readonly AuditRecord[]): Promise<void> {
    try {
      await this.write(records);
    } catch {
      this.countLost(records.length);
    }
  }

  /** Counts denials that could not even be handed to the store. */
  countLost(count: number): void {
    this.#lost += count;
  }

  /**
   * Resolves with the receipts, or with `undefined` when the records are not durable in time or `signal` aborts.
   * Then records of an allow are taken back if the store still can; if it cannot, `superseded` records follow.
   * Throws only what the deadline and the signal throw.
   */
  write(
    records: readonly AuditRecord[],
    signal?: AbortSignal,
  ): Promise<readonly AuditReceipt[] | undefined> {
    const { promise, resolve } = Promise.withResolvers<readonly AuditReceipt[] | undefined>();
    const losses = records.filter(standsWithoutRecord).length;
    const withdrawal = new AbortController();
    const deadline = this.#deadline(this.#timeoutMs);
    let isAnswered = false;
    let isOver = false;

    const answer = (receipts: readonly AuditReceipt[] | undefined): void => {
      isAnswered = true;
      signal?.removeEventListener("abort", leave);
      resolve(receipts);
    };
    const end = (receipts: readonly AuditReceipt[] | undefined): void => {
      if (isOver) return;
      isOver = true;
      deadline.removeEventListener("abort", giveUp);
      if (!receipts) this.#lost += losses;
      answer(receipts);
    };
    const giveUp = (): void => {
      withdrawal.abort();
      end(undefined);
    };
    // A caller that leaves may not take the record of a denial with it.
    const leave = (): void => {
      if (losses === 0) giveUp();
      else answer(undefined);
    };

    deadline.addEventListener("abort", giveUp);
    signal?.addEventListener("abort", leave);
    if (deadline.aborted) giveUp();
    if (signal?.aborted) leave();
    if (isOver) return promise;

    void this.#append(records, withdrawal.signal).then((receipts) => {
      if (isAnswered && receipts) void this.#takeBack(records, receipts);
      return end(receipts);
    });
    return promise;
  }

  /** Answers `undefined` for whatever is no promise of one good receipt per record. */
  async #append(
    records: readonly AuditRecord[],
    signal: AbortSignal,
  ): Promise<readonly AuditReceipt[] | undefined> {
    try {
      const receipts: unknown = await this.#audit.append(records, { signal });
      return areReceipts(receipts, records.length) ? receipts : undefined;
    } catch {
      return undefined;
    }
  }

  /** Says of allows and grants that reached the log too late that nothing came of them. */
  async #takeBack(
    records: readonly AuditRecord[],
    receipts: readonly AuditReceipt[],
  ): Promise<void> {
    const unused = receipts.flatMap((receipt, at) => {
      const record = records[at];
      if (!record || standsWithoutRecord(record)) return [];
      return [supersede(record, receipt, "audit_unavailable")];
    });
    if (unused.length > 0) await this.note(unused);
  }
}

/** Writes the record that takes back what an earlier record announced. */
export function supersede(
  record: AuditRecord,
  { log, seq }: AuditReceipt,
  reason: string,
): AuditRecord {
  const { matched: _matched, policy: _policy, cached: _cached, detail: _detail, ...rest } = record;
  return Object.freeze({
    ...rest,
    action: "superseded",
    result: record.result === "allowed" ? "denied" : "failed",
    reason,
    refers: Object.freeze({ log, seq }),
  });
}

/** An allow or a new grant waits for its record; these do not. */
function standsWithoutRecord({ action, result }: AuditRecord): boolean {
  if (action === "capability_check") return result === "denied";
  return action === "superseded" || action === "grant.removed" || action === "handle.revoked";
}

function areReceipts(value: unknown, count: number): value is readonly AuditReceipt[] {
  return Array.isArray(value) && value.length === count && value.every(isReceipt);
}

function isReceipt(value: unknown): value is AuditReceipt {
  return (
    isObject(value) &&
    typeof value["log"] === "string" &&
    Number.isSafeInteger(value["seq"]) &&
    typeof value["decisionId"] === "string"
  );
}
