import { createReadStream } from "node:fs";
import type { AuditFilter, AuditPage, StoredAuditRecord } from "@sigilrt/enforcer";
import { type JournalRecord, verifyJournal } from "@sigilrt/journal";
import { isAcceptedLoss } from "./accepted-loss.ts";
import { AuditError } from "./audit-error.ts";
import { type CoversCapability, createMatcher, isDescribed, type Matcher } from "./matcher.ts";
import { pageOf, type PageOptions, type PageRequest, parsePage } from "./page.ts";
import { recordOf } from "./record-body.ts";
import { listSegments, type Segment } from "./segment.ts";

/** What an offline query is made with. */
export interface QueryAuditOptions extends PageOptions {
  /** Answers whether a pattern covers a capability: `matchCapability`. Without it, queries by capability are refused. */
  readonly covers?: CoversCapability;
}

/**
 * Queries an audit directory, or a copy of one, without the store: also while a gateway writes it. Newest first, read from the
 * segments, each record verified against the chain while it is read. Nothing is written into the directory.
 *
 * @throws {@link AuditError} `NOT_VERIFIED` with the fault, `IO`
 * @throws RangeError for a limit or cursor that is none, or a filter by capability without `covers`
 */
export async function queryAudit(
  directory: string,
  filter: AuditFilter,
  { covers, ...page }: QueryAuditOptions = {},
): Promise<AuditPage> {
  return scanRecords(directory, createMatcher(filter, covers), parsePage(page));
}

/** Answers by reading the segments, newest first. @throws {@link AuditError} `NOT_VERIFIED`, `IO` */
export async function scanRecords(
  directory: string,
  matcher: Matcher,
  page: PageRequest,
): Promise<AuditPage> {
  try {
    return await scanSegments(directory, matcher, page);
  } catch (cause) {
    if (cause instanceof AuditError) throw cause;
    const detail = cause instanceof Error ? cause.message : "unknown failure";
    throw new AuditError("IO", `Cannot query "${directory}": ${detail}`, { cause });
  }
}

async function scanSegments(
  directory: string,
  matcher: Matcher,
  { limit, before }: PageRequest,
): Promise<AuditPage> {
  const found: StoredAuditRecord[] = [];
  for (const segment of (await listSegments(directory)).toReversed()) {
    if (before && segment.number > before.segment) continue;
    const end = before?.segment === segment.number ? before.seq : Number.POSITIVE_INFINITY;
    // One more than asked for tells whether there is another page.
    // oxlint-disable-next-line no-await-in-loop -- newest first, and only as far as needed
    found.push(...(await newestOf(segment, matcher, end, limit + 1 - found.length)));
    if (found.length > limit) break;
  }
  return pageOf(found, limit);
}

/** The newest matching records of one segment before a place, newest first. */
async function newestOf(
  segment: Segment,
  matcher: Matcher,
  end: number,
  limit: number,
): Promise<readonly StoredAuditRecord[]> {
  let newest: StoredAuditRecord[] = [];
  const onRecord = (entry: JournalRecord): void => {
    if (entry.seq >= end) return;
    const record = recordOf(entry);
    if (!record || !isDescribed(record, matcher)) return;
    newest.push(record);
    if (newest.length > limit * 2) newest = newest.slice(-limit);
  };
  const stream = createReadStream(segment.path);
  const verdict = await verifyJournal(stream, { log: segment.log, mode: "fast", onRecord });
  // The writer may be in the middle of the last line.
  if (!verdict.ok && verdict.kind !== "torn_tail" && !(await isAcceptedLoss(segment))) {
    const place = verdict.line === undefined ? "" : `, line ${verdict.line}`;
    const message = `Cannot query "${segment.path}": ${verdict.kind}${place}; run verify`;
    throw new AuditError("NOT_VERIFIED", message, { fault: verdict });
  }
  return newest.slice(-limit).toReversed();
}
