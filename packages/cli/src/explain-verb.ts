import { queryAudit } from "@sigilrt/audit";
import type { Explanation } from "@sigilrt/enforcer";
import type { AuditPlace, Composition } from "./composition.ts";
import { EXIT } from "./exit-code.ts";
import { lineOf } from "./records.ts";
import { escaped, type Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

/** What `audit explain` is told. */
export interface ExplainOptions {
  readonly decision: string;
  readonly config: string;
  readonly json: boolean;
}

/**
 * Shows the record of a decision, and what the policy as it is now says of the same call: the leg that stops it, and the smallest change
 * that would allow it.
 */
export async function explainVerb(
  { directory }: AuditPlace,
  { decision, config, json }: ExplainOptions,
  composition: Composition,
  { out }: Terminal,
): Promise<number> {
  if (!/^[\w-]{1,128}$/u.test(decision)) {
    throw new UsageError("Cannot explain: the decision id is malformed");
  }
  const { records } = await queryAudit(directory, { decision }, { limit: 1 });
  const [record] = records;
  if (!record) {
    throw new Error(`Cannot explain ${decision}: no record has this decision id`);
  }
  const { plugin, capability, actor: user, workspace } = record;
  const isCall = plugin !== undefined && capability !== undefined && workspace !== undefined;
  const explanation = isCall
    ? await composition.explain(config, { plugin, capability, user, workspace })
    : undefined;
  if (json) {
    out(JSON.stringify({ record, now: explanation }));
    return EXIT.ok;
  }
  out(lineOf(record));
  if (record.reason === "limit") out("A limit said no, which is no matter of rights");
  for (const line of linesOf(explanation)) out(escaped(line));
  return EXIT.ok;
}

function linesOf(explanation: Explanation | undefined): readonly string[] {
  if (!explanation)
    return ["The record names no call of a known plugin, so there is nothing to explain"];
  const { allowed, reason, legs, changes } = explanation;
  return [
    allowed
      ? "By the policy as it is now: allowed"
      : `By the policy as it is now: denied, ${reason}`,
    ...legs.map(({ leg, passes, pattern }) => {
      const none = leg === "deny" ? "no denial covers it" : "no pattern covers it";
      const why = pattern === undefined ? none : `by ${pattern}`;
      return `  ${passes ? "allows" : "STOPS "}  ${leg.padEnd(10)} ${why}`;
    }),
    ...changes.map(({ text }) => `To allow it: ${text}`),
  ];
}
