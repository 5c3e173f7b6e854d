import type { StoredAuditRecord } from "@sigilrt/enforcer";

const traceForm = /^(?!0{32})[0-9a-f]{32}$/u;
const spanForm = /^(?!0{16})[0-9a-f]{16}$/u;

/** A log record of OTLP JSON. Times are those of the journal, so that the same record is always the same. */
export function otelLogRecord(record: StoredAuditRecord, hash: string): object {
  const { at = "", trace = "", span = "", action, result, ...rest } = record;
  const time = `${BigInt(Date.parse(at)) * 1_000_000n}`;
  const isFine = result === "allowed" || result === "ok";
  const name = `sigil.audit.${action}`;
  return {
    timeUnixNano: time,
    observedTimeUnixNano: time,
    severityNumber: isFine ? 9 : 13,
    severityText: isFine ? "INFO" : "WARN",
    eventName: name,
    ...(traceForm.test(trace) ? { traceId: trace } : {}),
    ...(spanForm.test(span) ? { spanId: span } : {}),
    attributes: [
      // Collectors from before `eventName` look for this attribute.
      { key: "event.name", value: { stringValue: name } },
      ...Object.entries({ ...rest, action, result, entry_hash: hash }).map(([key, value]) => ({
        key: `sigil.audit.${key}`,
        value: attributeValue(value),
      })),
    ],
  };
}

function attributeValue(value: unknown): object {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (Number.isSafeInteger(value)) return { intValue: String(value) };
  if (typeof value === "number") return { doubleValue: value };
  return { stringValue: JSON.stringify(value) };
}
