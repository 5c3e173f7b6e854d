import { queryAudit } from "@sigilrt/audit";
import type { AuditPlace } from "./composition.ts";
import { EXIT } from "./exit-code.ts";
import { escaped, type Terminal } from "./terminal.ts";

type StoredRecord = Awaited<ReturnType<typeof queryAudit>>["records"][number];

/** Which records are shown. */
export interface RecordsOptions {
  readonly limit: number;
  readonly filter: Parameters<typeof queryAudit>[1];
  readonly json: boolean;
  /** Where a page begins: what the page before ended with. */
  readonly cursor?: string;
}

/** Shows the newest records, oldest of them first; also while a gateway writes. */
export async function tailAudit(
  { directory }: AuditPlace,
  { limit, filter, json }: RecordsOptions,
  { out }: Terminal,
): Promise<number> {
  const { records } = await queryAudit(directory, filter, { limit });
  for (const record of records.toReversed()) out(json ? JSON.stringify(record) : lineOf(record));
  return EXIT.ok;
}

/** Shows what matches, newest first, and on the error stream where the next page begins. */
export async function queryVerb(
  { directory }: AuditPlace,
  { limit, filter, json, cursor }: RecordsOptions,
  covers: NonNullable<Parameters<typeof queryAudit>[2]>["covers"],
  { out, err }: Terminal,
): Promise<number> {
  const page = await queryAudit(directory, filter, {
    limit,
    ...(cursor === undefined ? {} : { cursor }),
    ...(covers ? { covers } : {}),
  });
  for (const record of page.records) out(json ? JSON.stringify(record) : lineOf(record));
  if (page.cursor !== undefined) err(`More: --cursor ${page.cursor}`);
  return EXIT.ok;
}

/** A record as one line. */
export function lineOf(record: StoredRecord): string {
  const { at, action, result, reason, actor, workspace, plugin, capability, decision } = record;
  const what = action === "capability_check" ? capability : action;
  const parts = [
    at,
    result.padEnd(7),
    what,
    reason === result || reason === "ok" ? undefined : `(${reason})`,
    plugin === undefined || capability?.includes(`.${plugin}.`) === true
      ? undefined
      : `plugin ${plugin}`,
    `by ${actor}${workspace === undefined ? "" : `@${workspace}`}`,
    decision === undefined ? undefined : `decision ${decision}`,
  ];
  return escaped(parts.filter((part) => part !== undefined).join("  "));
}
