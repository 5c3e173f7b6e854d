import { matchCapability } from "@sigilrt/capability";
import type {
  AuditFilter,
  AuditPage,
  AuditReceipt,
  AuditRecord,
  AuditStore,
  StoredAuditRecord,
} from "./audit-store.ts";
import { EnforcerError } from "./enforcer-error.ts";

/** How a store in memory works. */
export interface MemoryAuditStoreOptions {
  /** How many records it holds. Then it rejects: it never drops one. */
  readonly maxRecords: number;
}

/** What a store in memory says about itself. */
export interface MemoryAuditHealth {
  /** Always `false`: the records end with the process. */
  readonly durable: false;
  /** How many records it holds. */
  readonly records: number;
  /** How many it may hold. */
  readonly maxRecords: number;
}

/** A store for tests and examples: nothing survives the process. */
export interface MemoryAuditStore extends AuditStore {
  /** Says that it is not durable, and how full it is. */
  health(): MemoryAuditHealth;
}

const log = "memory";
const MAX_PAGE = 1000;
const DEFAULT_PAGE = 100;

/**
 * Makes a store in memory. Its decision ids are unique in the store and do not show the sequence number at a glance, but
 * they are computed from it: a store for strangers makes random ones. It keeps no times.
 *
 * @throws RangeError when `maxRecords` is no positive integer
 */
export function createMemoryAuditStore(options: MemoryAuditStoreOptions): MemoryAuditStore {
  const { maxRecords } = options;
  if (!Number.isSafeInteger(maxRecords) || maxRecords < 1) {
    throw new RangeError(
      `Cannot make a memory store: maxRecords is ${String(maxRecords)}; pass a positive integer`,
    );
  }
  const stored: StoredAuditRecord[] = [];

  const store = (record: AuditRecord): AuditReceipt => {
    const seq = stored.length;
    const decisionId = `${log}-${scramble(seq)}`;
    const decision = record.action === "capability_check" ? { decision: decisionId } : {};
    stored.push(Object.freeze({ ...frozenCopy(record), ...decision, log, seq }));
    return Object.freeze({ log, seq, decisionId });
  };

  return Object.freeze({
    async append(
      records: readonly AuditRecord[],
      { signal }: { readonly signal?: AbortSignal } = {},
    ) {
      signal?.throwIfAborted();
      if (stored.length + records.length > maxRecords) {
        throw new EnforcerError(
          "AUDIT_UNAVAILABLE",
          `Cannot append ${records.length} records: the store holds ${stored.length} of ${maxRecords}; make a larger one`,
        );
      }
      return records.map(store);
    },
    async query(
      filter: AuditFilter,
      page: { readonly cursor?: string; readonly limit?: number } = {},
    ): Promise<AuditPage> {
      const { before, limit } = readPage(page);
      const found = stored
        .filter((record) => record.seq < before && applies(filter, record))
        .toReversed();
      const records = Object.freeze(found.slice(0, limit));
      const last = records.at(-1);
      const cursor = found.length > limit && last ? { cursor: String(last.seq) } : {};
      return Object.freeze({ records, ...cursor });
    },
    health: () => Object.freeze({ durable: false as const, records: stored.length, maxRecords }),
  });
}

function readPage({
  cursor,
  limit = DEFAULT_PAGE,
}: {
  readonly cursor?: string;
  readonly limit?: number;
}): { readonly before: number; readonly limit: number } {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE) {
    throw new RangeError(
      `Cannot query: limit is ${String(limit)}; pass an integer from 1 to ${MAX_PAGE}`,
    );
  }
  const before = cursor === undefined ? Number.POSITIVE_INFINITY : Number(cursor);
  if (Number.isNaN(before))
    throw new RangeError("Cannot query: no such cursor; pass one of a page");
  return { before, limit };
}

/** @throws RangeError for a field that this store cannot answer: to ignore it would show records nobody asked for. */
function applies(filter: AuditFilter, record: StoredAuditRecord): boolean {
  const { from, to, capability, ...exact } = filter;
  if (from !== undefined || to !== undefined) {
    throw new RangeError(
      "Cannot query by time: the memory store keeps none; leave from and to out",
    );
  }
  if (capability !== undefined && !matchCapability(capability, record.capability ?? ""))
    return false;
  return exactFields.every((field) => exact[field] === undefined || exact[field] === record[field]);
}

const exactFields = [
  "seq",
  "decision",
  "actor",
  "plugin",
  "workspace",
  "result",
  "reason",
  "action",
  "trace",
] as const;

/** 24 hex digits, different for every number. */
const scramble = (number: number): string =>
  word(number, 0x9e3779b1) + word(number, 0x85ebca6b) + word(number, 0xc2b2ae35);

const word = (number: number, factor: number): string =>
  (Math.imul(number + 0x5bd1e995, factor) >>> 0).toString(16).padStart(8, "0");

/** `structuredClone`, which is slow, only for what JSON does not know. */
function frozenCopy<Value extends object>(value: Value): Value;
function frozenCopy(value: object): object {
  if (Array.isArray(value)) return Object.freeze(value.map(frozenPart));
  if (Object.getPrototypeOf(value) !== Object.prototype) {
    return Object.freeze(structuredClone(value));
  }
  const copy: Record<string, unknown> = { ...value };
  for (const key of Object.keys(copy)) copy[key] = frozenPart(copy[key]);
  return Object.freeze(copy);
}

function frozenPart(part: unknown): unknown {
  if (typeof part === "object" && part !== null) return frozenCopy(part);
  return typeof part === "function" || typeof part === "symbol" ? structuredClone(part) : part;
}
