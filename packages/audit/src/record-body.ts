import { canonicalize } from "@sigilrt/canonical";
import type { AuditRecord, StoredAuditRecord } from "@sigilrt/enforcer";
import {
  type JournalRecord,
  type JsonObject,
  type PreparedEntry,
  prepareEntry,
} from "@sigilrt/journal";
import { AuditError } from "./audit-error.ts";
import { redactRecord, type Tokens } from "./redaction.ts";

/** The type of every audit record in the journal. A changed field is a new type. */
const RECORD_TYPE = "audit.record";

const MAX_BODY = 65_536;

/**
 * Makes the journal's entry of a record. Members that are absent are left out.
 *
 * @throws {@link AuditError} `WRITE_FAILED` for a record that is no JSON or is over 64 KiB: an effect waits for it, so it fails loudly
 */
export function entryOf(
  record: AuditRecord,
  decision: string | undefined,
  tokens?: Tokens,
): PreparedEntry {
  // Canonical JSON refuses by name what is no JSON, so the members may claim to be.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  const given = present(
    decision === undefined ? { ...record } : { ...record, decision },
  ) as JsonObject;
  try {
    const body = tokens ? redacted(canonicalize(given), tokens) : given;
    const entry = prepareEntry({ type: RECORD_TYPE, body });
    const { bodyBytes } = entry;
    if (bodyBytes > MAX_BODY) throw new RangeError(`${bodyBytes} bytes, more than ${MAX_BODY}`);
    return entry;
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : "unknown failure";
    throw new AuditError("WRITE_FAILED", `Cannot record "${record.action}": ${detail}`, { cause });
  }
}

/** The members that are there; most records have no other, and need no second copy. */
function present(copy: object): object {
  const isWhole = !Object.values(copy).includes(undefined);
  return isWhole
    ? copy
    : Object.fromEntries(Object.entries(copy).filter(([, value]) => value !== undefined));
}

/** Works on what the text says: an object of an unusual kind hides nothing in it. */
function redacted(text: string, tokens: Tokens): JsonObject {
  // The text was written from a record.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return redactRecord(JSON.parse(text) as AuditRecord, tokens) as unknown as JsonObject;
}

/**
 * The audit record in a journal record; `undefined` for what the journal says of itself.
 *
 * @throws {@link AuditError} `NOT_VERIFIED` for a body that is no audit record: whoever can write the file can chain anything
 */
export function recordOf({
  type,
  body,
  log,
  seq,
  at,
}: JournalRecord): StoredAuditRecord | undefined {
  if (type !== RECORD_TYPE) return undefined;
  if (!isAuditRecord(body)) {
    const message = `Cannot read record ${seq} of "${log}": it is chained, but no audit record; compare the log with its checkpoints`;
    throw new AuditError("NOT_VERIFIED", message);
  }
  return Object.freeze({ ...body, log, seq, at });
}

const isText = (value: unknown): boolean => typeof value === "string";
const isNumber = (value: unknown): boolean => typeof value === "number";
const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isTexts = (value: unknown): boolean => isObject(value) && Object.values(value).every(isText);
const isReference = (value: unknown): boolean =>
  isObject(value) && "log" in value && isText(value.log) && "seq" in value && isNumber(value.seq);

const required = ["action", "actor", "result", "reason"] as const;
const forms: Readonly<Record<keyof AuditRecord, (value: unknown) => boolean>> = {
  action: isText,
  actor: isText,
  plugin: isText,
  workspace: isText,
  session: isText,
  mission: isText,
  capability: isText,
  result: (value) => ["allowed", "denied", "ok", "failed"].some((result) => result === value),
  reason: isText,
  matched: isTexts,
  policy: isTexts,
  generation: isNumber,
  cached: (value) => typeof value === "boolean",
  decision: isText,
  refers: isReference,
  trace: isText,
  span: isText,
  detail: isObject,
};

const isMember = (name: string): name is keyof AuditRecord => Object.hasOwn(forms, name);

function isAuditRecord(body: object): body is AuditRecord {
  return (
    required.every((name) => Object.hasOwn(body, name)) &&
    Object.entries(body).every(([name, value]) => isMember(name) && forms[name](value))
  );
}
