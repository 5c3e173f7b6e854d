import type { AuditPage, StoredAuditRecord } from "@sigilrt/enforcer";

/** Which part of an answer is wanted. */
export interface PageOptions {
  /** Where it begins: the `cursor` of the page before. */
  readonly cursor?: string;
  /** Records at most; 100, and never more than 1,000. */
  readonly limit?: number;
}

/** A place in the log; a page holds what lies before it. */
export interface PagePlace {
  readonly segment: number;
  readonly seq: number;
}

/** A page whose options were checked. */
export interface PageRequest {
  readonly limit: number;
  readonly before: PagePlace | undefined;
}

/** Checks what a caller asks for. @throws RangeError for a limit or cursor that is none */
export function parsePage({ cursor, limit = 100 }: PageOptions): PageRequest {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) {
    throw new RangeError(`Cannot query ${limit} records: from 1 to 1,000`);
  }
  return { limit, before: cursor === undefined ? undefined : parseCursor(cursor) };
}

/** The page of what was found; one record more than asked for tells that there is another. */
export function pageOf(found: readonly StoredAuditRecord[], limit: number): AuditPage {
  const records = Object.freeze(found.slice(0, limit));
  const last = records.at(-1);
  return found.length > limit && last
    ? { records, cursor: `${Number(last.log.slice(-6))}.${last.seq}` }
    : { records };
}

function parseCursor(cursor: string): PagePlace {
  const [, segment, seq] = /^(\d{1,6})\.(\d{1,15})$/u.exec(cursor) ?? [];
  if (segment === undefined || seq === undefined) {
    throw new RangeError("Cannot query: the cursor is not one of an earlier page");
  }
  return { segment: Number(segment), seq: Number(seq) };
}
