import { checkedContext, type ExecutionContext } from "./execution-context.ts";
import { FileMission } from "./file-mission.ts";
import type { Mission } from "./mission.ts";
import { MissionError } from "./mission-error.ts";
import { type MissionLog, openLog } from "./mission-log.ts";
import type { MissionOptions } from "./mission-options.ts";
import { budgetEntry } from "./budget-entry.ts";
import { settleOpenOperations } from "./settle-open-operations.ts";

/**
 * Opens a mission on a new journal.
 *
 * @throws {@link MissionError} `IO` when there is a mission in the journal already, or it cannot be written
 * @throws TypeError for a context that is none
 */
export async function openMission(
  context: ExecutionContext,
  options: MissionOptions,
): Promise<Mission> {
  const checked = check(context, options);
  const log = await openLog(checked, options);
  return orClose(log, async () => {
    if (log.state.opened) {
      const state = "its journal holds one already; resume it";
      throw new MissionError("IO", `Cannot open the mission: ${state}`);
    }
    await recordOpening(log, checked, options);
    return new FileMission(checked, options, log);
  });
}

/**
 * Opens a mission that a crash or a close interrupted. The journal is verified with its checkpoints; money that was held is booked, since
 * the call may have been paid; an operation without a receipt is undone, or, where nobody can know what it did outside of its paths,
 * ends the mission with `needs_operator`.
 *
 * @throws {@link MissionError} `IO`, with a `TRUNCATED` of the journal as its cause when records are missing
 * @throws TypeError for a context that is none
 */
export async function resumeMission(
  context: ExecutionContext,
  options: MissionOptions,
): Promise<Mission> {
  const checked = check(context, options);
  const log = await openLog(checked, options);
  return orClose(log, async () => {
    const { state } = log;
    const mission = new FileMission(checked, options, log);
    if (state.ended !== undefined) return mission;
    // The first process may have ended before its first record was whole.
    if (!state.opened) await recordOpening(log, checked, options);
    await log.append({ type: "mission.resumed", body: { reason: "interrupted" } });
    for (const [name, { id, estimate }] of state.reservations) {
      state.budget.settle(id, estimate);
      state.reservations.delete(name);
      // oxlint-disable-next-line no-await-in-loop -- one move after the other
      await log.append(budgetEntry("budget.settled", name, estimate));
    }
    await settleOpenOperations(mission.means);
    return mission;
  });
}

function check(context: ExecutionContext, options: MissionOptions): ExecutionContext {
  const { envelope, lockDigest, inputsDigest } = options;
  const { baselineCommit } = context;
  const parts = { baselineCommit, lockDigest, inputsDigest, envelopeDigest: envelope.digest };
  return checkedContext(context, parts);
}

function recordOpening(
  log: MissionLog,
  { runId, runIdAudit, baselineCommit, startedAt }: ExecutionContext,
  { envelope, lockDigest, inputsDigest }: MissionOptions,
): Promise<void> {
  const { spec, digest } = envelope;
  return log.append({
    type: "mission.opened",
    body: {
      run_id: runId,
      run_id_audit: runIdAudit,
      baseline_commit: baselineCommit,
      lock_digest: lockDigest,
      inputs_digest: inputsDigest,
      envelope: { ...spec },
      envelope_digest: digest,
      started_at: startedAt,
    },
  });
}

async function orClose(log: MissionLog, work: () => Promise<Mission>): Promise<Mission> {
  try {
    return await work();
  } catch (error) {
    await log.close();
    throw error;
  }
}
