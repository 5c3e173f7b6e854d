import { exportAudit } from "@sigilrt/audit";
import type { AuditPlace } from "./composition.ts";
import { EXIT } from "./exit-code.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

const formats = ["otel", "jsonl"] as const;

/** What `audit export` is told. */
export interface ExportVerbOptions {
  readonly format: string;
  /** The place after which it goes on, as `<log>:<seq>`. */
  readonly after?: string;
}

/** Writes every record, oldest first, a line each: as it lies in the log, or as an OpenTelemetry log record. */
export async function exportVerb(
  { directory }: AuditPlace,
  { format, after }: ExportVerbOptions,
  { out }: Terminal,
): Promise<number> {
  const known = formats.find((name) => name === format);
  if (!known)
    throw new UsageError(`Cannot export as "${format}": it is one of ${formats.join(", ")}`);
  const from = after === undefined ? {} : { from: placeOf(after) };
  for await (const { text } of exportAudit(directory, { format: known, ...from })) out(text);
  return EXIT.ok;
}

function placeOf(text: string): { readonly log: string; readonly seq: number } {
  const [, log, seq] = /^(audit-\d{6}):(\d{1,15})$/u.exec(text) ?? [];
  if (log !== undefined && seq !== undefined) return { log, seq: Number(seq) };
  throw new UsageError(`Cannot go on after "${text}": a place is written audit-000001:17`);
}
