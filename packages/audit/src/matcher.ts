import type { AuditFilter, StoredAuditRecord } from "@sigilrt/enforcer";
import type { Tokens } from "./redaction.ts";

/** Answers whether a pattern covers a capability. */
export type CoversCapability = (pattern: string, capability: string) => boolean;

/** Fields that a filter compares as they are. */
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

/** A field that a filter compares as it is. */
type EqualField = (typeof equalFields)[number];

/** What a filter asks of a record. */
export interface Matcher {
  /** The values any of which a field must have, for each field that is compared. */
  readonly equal: ReadonlyMap<EqualField, readonly (string | number)[]>;
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Absent when the filter names none. */
  readonly matchesCapability: ((capability: string) => boolean) | undefined;
}

/**
 * Reads a filter. With tokens, a value also finds the records that hold its token.
 *
 * @throws RangeError for a filter by capability without `covers`
 */
export function createMatcher(
  filter: AuditFilter,
  covers: CoversCapability | undefined,
  tokens?: Tokens,
): Matcher {
  const { from, to, capability } = filter;
  if (capability !== undefined && !covers) {
    throw new RangeError("Cannot query by capability: no `covers` was given");
  }
  const equal = new Map<EqualField, readonly (string | number)[]>();
  for (const field of equalFields) {
    const value = filter[field];
    if (value !== undefined) equal.set(field, [value]);
  }
  if (filter.actor !== undefined && tokens) {
    equal.set("actor", [filter.actor, tokens.user(filter.actor)]);
  }
  if (capability === undefined || !covers) {
    return { equal, from, to, matchesCapability: undefined };
  }
  const token = tokens?.capability(capability);
  const matchesCapability = (found: string): boolean =>
    found === token || covers(capability, found);
  return { equal, from, to, matchesCapability };
}

/** Whether a record is one that the filter describes. */
export function isDescribed(
  record: StoredAuditRecord,
  { equal, from, to, matchesCapability }: Matcher,
): boolean {
  const at = record.at ?? "";
  return (
    (from === undefined || at >= from) &&
    (to === undefined || at < to) &&
    [...equal].every(([field, values]) => values.some((value) => value === record[field])) &&
    (!matchesCapability ||
      (record.capability !== undefined && matchesCapability(record.capability)))
  );
}
