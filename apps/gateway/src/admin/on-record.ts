import type { ActReport } from "@sigilrt/cli";
import type { AuditStore } from "@sigilrt/enforcer";

/** An act of an operator. */
export interface RecordedAct {
  readonly plugin: string;
  /** What is done, such as `reload`. */
  readonly act: string;
  /** More about it; never a value of a secret. */
  readonly detail?: Readonly<Record<string, string>>;
}

/**
 * Runs an act that the permissions of files have decided: whoever reaches the desk may act. It is on record before its effect, with its end
 * after it. Rejects with what the store of records threw; then nothing was done.
 */
export async function runOnRecord(
  { audit, actor }: { readonly audit: Pick<AuditStore, "append">; readonly actor: string },
  { plugin, act, detail }: RecordedAct,
  run: () => Promise<ActReport>,
): Promise<ActReport> {
  const subject = {
    actor,
    plugin,
    capability: `admin.${act}.${plugin}`,
    ...(detail ? { detail } : {}),
  } as const;
  const [decided] = await audit.append([
    { ...subject, action: "capability_check", result: "allowed", reason: "allowed" },
  ]);
  const done = await run();
  const isOk = done.outcome !== "refused";
  const end = {
    ...subject,
    action: "call.completed",
    result: isOk ? "ok" : "failed",
    reason: isOk ? done.outcome : (done.code ?? "refused"),
    ...(decided ? { refers: { log: decided.log, seq: decided.seq } } : {}),
  } as const;
  const isRecorded = await audit.append([end]).then(
    () => true,
    () => false,
  );
  return isRecorded ? done : { ...done, message: "It is done, and how it ended is not on record" };
}
