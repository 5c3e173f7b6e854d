import type { JsonObject } from "@sigilrt/journal";
import type { Mission } from "./mission.ts";
import type { MissionStatus } from "./mission-state.ts";
import type { Operation } from "./operation.ts";
import type { StepRecord, StepStatus } from "./step-record.ts";

/** A step that is one operation. */
export interface PlannedStep {
  /** Its name, once in a plan. */
  readonly name: string;
  /** What it does. */
  readonly operation: Omit<Operation, "operationId">;
}

/** A step's id: its place and its name. */
export const stepIdOf = (place: number, name: string): string => `${place + 1}-${name}`;

/**
 * Runs a plan to its end, or goes on with it: a step that is completed is not run again, and the first that is not `ok` ends the
 * mission. Answers how it ended.
 *
 * @throws MissionError as the mission does
 */
export async function runSteps(
  mission: Mission,
  steps: readonly PlannedStep[],
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<MissionStatus> {
  for (const [place, planned] of steps.entries()) {
    if (mission.ended !== undefined) return mission.ended;
    const stepId = stepIdOf(place, planned.name);
    const known = mission.steps().find((step) => step.stepId === stepId);
    // oxlint-disable-next-line no-await-in-loop -- a plan is an order
    const status = await statusOf(mission, stepId, planned, known, signal);
    if (mission.ended !== undefined) return mission.ended;
    if (status === "ok") continue;
    // oxlint-disable-next-line no-await-in-loop -- the last thing that happens
    await mission.finish(status);
    return status;
  }
  if (mission.ended === undefined) await mission.finish("ok");
  return mission.ended ?? "ok";
}

async function statusOf(
  mission: Mission,
  stepId: string,
  planned: PlannedStep,
  known: StepRecord | undefined,
  signal: AbortSignal | undefined,
): Promise<StepStatus> {
  if (known !== undefined && known.status !== "running") return known.status;
  return runStep(mission, stepId, planned, known !== undefined, signal);
}

async function runStep(
  mission: Mission,
  stepId: string,
  { name, operation }: PlannedStep,
  isStarted: boolean,
  signal: AbortSignal | undefined,
): Promise<StepStatus> {
  const { type, params, paths } = operation;
  if (!isStarted) {
    await mission.step({ stepId, name, inputs: params, state: { operation: type, paths } });
  }
  const options = signal ? { signal } : {};
  const receipt = await mission.run(stepId, { ...operation, operationId: "1" }, options);
  // What is neither done nor undone ended the mission, and its step stays open for the operator to see.
  if (mission.ended !== undefined) return receipt.status;
  const outputs: JsonObject = receipt.result;
  const error = receipt.denial ?? receipt.error;
  const result = { status: receipt.status, outputs, ...(error === undefined ? {} : { error }) };
  await mission.complete(stepId, result);
  return receipt.status;
}
