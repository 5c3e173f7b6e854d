/** Entries of one page: most lists are one page, and no list is a message without bounds. */
const PAGE = 1_000;

/** A part of a list, and how to ask for the next one. */
export interface Page<T> {
  readonly entries: readonly T[];
  readonly nextCursor?: string;
}

/**
 * Cuts the page of a sorted list that a cursor asks for. A cursor names the last key before the page, so that a list that changes between
 * two pages loses and repeats nothing but what changed. `undefined` for a cursor that no list of this endpoint hands out.
 */
export function pageOf<T>(
  list: readonly (readonly [key: string, entry: T])[],
  cursor: string | undefined,
): Page<T> | undefined {
  const after = cursor === undefined ? "" : keyOf(cursor);
  if (after === undefined) return undefined;
  const rest = cursor === undefined ? list : list.filter(([key]) => key > after);
  const page = rest.slice(0, PAGE);
  const entries = page.map(([, entry]) => entry);
  const last = rest.length > PAGE ? page.at(-1) : undefined;
  return last ? { entries, nextCursor: cursorOf(last[0]) } : { entries };
}

const MARK = "after:";

const cursorOf = (key: string): string => Buffer.from(`${MARK}${key}`).toString("base64url");

function keyOf(cursor: string): string | undefined {
  const text = Buffer.from(cursor, "base64url").toString("utf8");
  return text.startsWith(MARK) && cursorOf(text.slice(MARK.length)) === cursor
    ? text.slice(MARK.length)
    : undefined;
}
