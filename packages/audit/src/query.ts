import { createReadStream } from "node:fs";
import type { AuditFilter, AuditPage, StoredAuditRecord } from "@sigilrt/enforcer";
import { type JournalRecord, verifyJournal } from "@sigilrt/journal";
import { AuditError } from "./audit-error.ts";
import { recordOf } from "./record-body.ts";
import { listSegments, type Segment } from "./segment.ts";

/** Which part of an answer is wanted. */
export interface PageOptions {
  /** Where it begins: the `cursor` of the page before. */
  readonly cursor?: string;
  /** Records at most; 100, and never more than 1,000. */
  readonly limit?: number;
}

/** Answers whether a pattern covers a capability. */
export type CoversCapability = (pattern: string, capability: string) => boolean;

/** What an offline query is made with. */
export interface QueryAuditOptions extends PageOptions {
  /** Answers whether a pattern covers a capability: `matchCapability`. Without it, queries by capability are refused. */
  readonly covers?: CoversCapability;
}

/**
 * Queries an audit directory, or a copy of one, without the store: also while a gateway writes it. Newest first, read from the
 * segments, each record verified against the chain while it is read.
 *
 * @throws {@link AuditError} `NOT_VERIFIED` with the fault, `IO`
 * @throws RangeError for a limit or cursor that is none, or a filter by capability without `covers`
 */
export async function queryAudit(
  directory: string,
  filter: AuditFilter,
  { covers, ...page }: QueryAuditOptions = {},
): Promise<AuditPage> {
  if (filter.capability !== undefined && !covers) {
    throw new RangeError("Cannot query by capability: no `covers` was given");
  }
  try {
    return await queryRecords(directory, filter, page, covers ?? (() => false));
  } catch (cause) {
    if (cause instanceof RangeError || cause instanceof AuditError) throw cause;
    const detail = cause instanceof Error ? cause.message : "unknown failure";
    throw new AuditError("IO", `Cannot query "${directory}": ${detail}`, { cause });
  }
}

async function queryRecords(
  directory: string,
  filter: AuditFilter,
  page: PageOptions,
  covers: CoversCapability,
): Promise<AuditPage> {
  const { limit = 100 } = page;
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) {
    throw new RangeError(`Cannot query ${limit} records: from 1 to 1,000`);
  }
  const before = page.cursor === undefined ? undefined : parseCursor(page.cursor);
  const found: StoredAuditRecord[] = [];
  for (const segment of (await listSegments(directory)).toReversed()) {
    if (before && segment.number > before.segment) continue;
    const end = before?.segment === segment.number ? before.seq : Number.POSITIVE_INFINITY;
    // One more than asked for tells whether there is another page.
    // oxlint-disable-next-line no-await-in-loop -- newest first, and only as far as needed
    found.push(...(await newestOf(segment, filter, end, limit + 1 - found.length, covers)));
    if (found.length > limit) break;
  }
  const records = Object.freeze(found.slice(0, limit));
  const last = records.at(-1);
  return found.length > limit && last
    ? { records, cursor: `${Number(last.log.slice(-6))}.${last.seq}` }
    : { records };
}

/** The newest matching records of one segment before a place, newest first. */
async function newestOf(
  segment: Segment,
  filter: AuditFilter,
  end: number,
  limit: number,
  covers: CoversCapability,
): Promise<readonly StoredAuditRecord[]> {
  let newest: StoredAuditRecord[] = [];
  const onRecord = (entry: JournalRecord): void => {
    if (entry.seq >= end) return;
    const record = recordOf(entry);
    if (!record || !isDescribed(record, filter, covers)) return;
    newest.push(record);
    if (newest.length > limit * 2) newest = newest.slice(-limit);
  };
  const stream = createReadStream(segment.path);
  const verdict = await verifyJournal(stream, { log: segment.log, mode: "fast", onRecord });
  // The writer may be in the middle of the last line.
  if (!verdict.ok && verdict.kind !== "torn_tail") {
    const place = verdict.line === undefined ? "" : `, line ${verdict.line}`;
    const message = `Cannot query "${segment.path}": ${verdict.kind}${place}; run verify`;
    throw new AuditError("NOT_VERIFIED", message, { fault: verdict });
  }
  return newest.slice(-limit).toReversed();
}

const equalFields = [
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

function isDescribed(
  record: StoredAuditRecord,
  filter: AuditFilter,
  covers: CoversCapability,
): boolean {
  const { from, to, capability } = filter;
  const at = record.at ?? "";
  return (
    (from === undefined || at >= from) &&
    (to === undefined || at < to) &&
    equalFields.every((field) => filter[field] === undefined || filter[field] === record[field]) &&
    (capability === undefined ||
      (record.capability !== undefined && covers(capability, record.capability)))
  );
}

function parseCursor(cursor: string): { readonly segment: number; readonly seq: number } {
  const [, segment, seq] = /^(\d{1,6})\.(\d{1,15})$/u.exec(cursor) ?? [];
  if (segment === undefined || seq === undefined) {
    throw new RangeError("Cannot query: the cursor is not one of an earlier page");
  }
  return { segment: Number(segment), seq: Number(seq) };
}
