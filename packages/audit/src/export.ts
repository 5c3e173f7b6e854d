import type { AuditReference } from "@sigilrt/enforcer";
import { AuditError } from "./audit-error.ts";
import { otelLogRecord } from "./otel.ts";
import { type PlacedRecord, readSegment } from "./read-segment.ts";
import { recordOf } from "./record-body.ts";
import { listSegments, numberOf } from "./segment.ts";

/** What an export begins after, and its form. */
export interface ExportOptions {
  /** Begins after this record: the last one that arrived. From the beginning when absent. */
  readonly from?: AuditReference & { readonly hash?: string };
  /** `jsonl`: every record of the journal; `otel`: each audit record as a log record of OpenTelemetry in OTLP JSON. */
  readonly format: "otel" | "jsonl";
  /** Ends the export. */
  readonly signal?: AbortSignal;
}

/** A record as it leaves. */
export interface ExportedRecord extends AuditReference {
  /** Its `entry_hash` in the journal. */
  readonly hash: string;
  /** One line of JSON, without line feed. Characters that could end a line, steer a terminal or turn text around are escaped. */
  readonly text: string;
}

/**
 * Exports an audit directory, or a copy of one, without the store, up to what was written so far. Each record is checked against the
 * one before. Delivery is at least once: a consumer that goes on after the last record it kept misses none.
 *
 * @throws {@link AuditError} `NOT_VERIFIED` for a log that does not verify, or that no longer has the record to begin after; `IO`
 */
export async function* exportAudit(
  directory: string,
  { from, format, signal }: ExportOptions,
): AsyncGenerator<ExportedRecord> {
  try {
    yield* exported(directory, from, format, signal);
  } catch (cause) {
    if (cause instanceof AuditError || signal?.aborted === true) throw cause;
    const detail = cause instanceof Error ? cause.message : "unknown failure";
    throw new AuditError("IO", `Cannot export "${directory}": ${detail}`, { cause });
  }
}

async function* exported(
  directory: string,
  from: ExportOptions["from"],
  format: ExportOptions["format"],
  signal: AbortSignal | undefined,
): AsyncGenerator<ExportedRecord> {
  const segments = await listSegments(directory);
  const first = from ? segmentOf(from) : 0;
  if (from && !segments.some(({ number }) => number === first)) throw missing(from);
  for (const segment of segments.filter(({ number }) => number >= first)) {
    const after = segment.number === first ? from : undefined;
    let isReached = after === undefined;
    // oxlint-disable-next-line no-await-in-loop -- one segment after the other
    for await (const placed of readSegment(segment)) {
      for (const entry of placed) {
        signal?.throwIfAborted();
        const { seq, entry_hash: hash } = entry.record;
        if (after && seq === after.seq) {
          // Another record stands where the consumer saw one: history was written anew.
          if (after.hash !== undefined && after.hash !== hash) throw missing(after);
          isReached = true;
        }
        const text = after && seq <= after.seq ? undefined : textOf(entry, format);
        if (text !== undefined) yield Object.freeze({ log: entry.record.log, seq, hash, text });
      }
    }
    if (!isReached && after) throw missing(after);
  }
}

function textOf({ record: entry, text }: PlacedRecord, format: ExportOptions["format"]) {
  switch (format) {
    case "jsonl":
      return escaped(text);
    case "otel": {
      const record = recordOf(entry);
      return record && escaped(JSON.stringify(otelLogRecord(record, entry.entry_hash)));
    }
    default:
      format satisfies never;
      throw new RangeError("Cannot export: the format is neither otel nor jsonl");
  }
}

/** JSON escapes what is below U+0020; some readers also end a line at these, obey them, or show text in another order. */
const unsafe = /[\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]/gu;

const escaped = (json: string): string =>
  json.replace(unsafe, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

function segmentOf({ log }: AuditReference): number {
  const number = numberOf(log);
  if (number > 0) return number;
  throw new AuditError("NOT_VERIFIED", `Cannot export: "${log.slice(0, 64)}" is no log of a store`);
}

const missing = ({ log, seq }: AuditReference): AuditError =>
  new AuditError(
    "NOT_VERIFIED",
    `Cannot export what follows record ${seq} of "${log}": the log does not have that record; compare it with its checkpoints`,
  );
