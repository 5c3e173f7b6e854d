import { canonicalize } from "@sigilrt/canonical";
import type { AuditRecord, StoredAuditRecord } from "@sigilrt/enforcer";
import type { JournalEntry, JournalRecord, JsonObject } from "@sigilrt/journal";
import { AuditError } from "./audit-error.ts";

/** The type of every audit record in the journal. A changed field is a new type. */
const RECORD_TYPE = "audit.record";

const MAX_BODY = 65_536;

/**
 * Makes the journal's entry of a record. Members that are absent are left out.
 *
 * @throws {@link AuditError} `WRITE_FAILED` for a record that is no JSON or is over 64 KiB: an effect waits for it, so it fails loudly
 */
export function entryOf(record: AuditRecord, decision: string | undefined): JournalEntry {
  const present = Object.entries({
    ...record,
    ...(decision === undefined ? {} : { decision }),
  }).filter(([, value]) => value !== undefined);
  // Canonical JSON refuses by name what is no JSON, so the members may claim to be.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  const body = Object.fromEntries(present) as JsonObject;
  try {
    const bytes = Buffer.byteLength(canonicalize(body));
    if (bytes > MAX_BODY) throw new RangeError(`${bytes} bytes, more than ${MAX_BODY}`);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : "unknown failure";
    throw new AuditError("WRITE_FAILED", `Cannot record "${record.action}": ${detail}`, { cause });
  }
  return { type: RECORD_TYPE, body };
}

/** The audit record in a journal record; `undefined` for what the journal says of itself. */
export function recordOf({
  type,
  body,
  log,
  seq,
  at,
}: JournalRecord): StoredAuditRecord | undefined {
  if (type !== RECORD_TYPE) return undefined;
  // Written by entryOf from a typed record, and bound by the chain.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return Object.freeze({ ...(body as unknown as AuditRecord), log, seq, at });
}
