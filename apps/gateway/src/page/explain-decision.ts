import type { Enforcer, Explanation, StoredAuditRecord } from "@sigilrt/enforcer";
import type { EmbeddedAuditStore } from "@sigilrt/audit";
import type { Principals } from "../principals.ts";

/** A decision that was taken, and what would be decided now. */
export interface ExplainedDecision {
  readonly record: StoredAuditRecord;
  /** Absent when the record is about no call of a user that the configuration knows; then `note` says so. */
  readonly now?: Explanation;
  readonly note?: string;
}

/** Explains a decision by the policy as it is now; `undefined` when no record has this id. Decides nothing and records nothing. */
export async function explainDecision(
  decision: string,
  {
    audit,
    enforcer,
    principals,
  }: {
    readonly audit: Pick<EmbeddedAuditStore, "query">;
    readonly enforcer: Enforcer;
    readonly principals: Principals;
  },
): Promise<ExplainedDecision | undefined> {
  const { records } = await audit.query({ decision }, { limit: 1 });
  const [record] = records;
  if (!record) return undefined;
  const { plugin, capability, actor: user, workspace } = record;
  if (plugin === undefined || capability === undefined || workspace === undefined) {
    return { record, note: "The record names no call of a plugin, so there is nothing to explain" };
  }
  if (record.reason === "limit") {
    return { record, note: "A limit said no, which is no matter of rights" };
  }
  const principal = principals.find({ user, workspace });
  if (!principal) {
    return { record, note: `The configuration has no user ${user} in ${workspace} any more` };
  }
  const { workspaceAllow, permissions: userPermissions } = principal;
  const subject = { plugin, capability, userId: user, workspaceId: workspace };
  return { record, now: enforcer.explain({ ...subject, workspaceAllow, userPermissions }) };
}
