import type { JournalRecord, JsonObject } from "@sigilrt/journal";
import { MissionError } from "./mission-error.ts";

/** How a step ended. */
export type StepStatus = "ok" | "failed" | "denied" | "aborted";

/** A step as its two records show it. A view: nothing is stored like this. */
export interface StepRecord {
  /** The step's id. */
  readonly stepId: string;
  /** Its name, for people. */
  readonly name: string;
  /** `running` until it is completed. */
  readonly status: StepStatus | "running";
  /** When it was started, in RFC 3339. */
  readonly startedAt: string;
  /** When it was completed; `undefined` while it runs. */
  readonly completedAt: string | undefined;
  /** What it was given. */
  readonly inputs: JsonObject;
  /** What came of it; `undefined` while it runs. */
  readonly outputs: JsonObject | undefined;
  /** The hash before its first record. */
  readonly prevHash: string | null;
  /** The hash of its last record. */
  readonly entryHash: string;
}

/**
 * Folds records of a mission into its steps, in the order in which they were started.
 *
 * @throws {@link MissionError} `DUPLICATE_STEP`, `STEP_NOT_STARTED`, `STEP_COMPLETED`
 */
export function foldSteps(records: Iterable<JournalRecord>): readonly StepRecord[] {
  const steps = new Map<string, StepRecord>();
  for (const record of records) foldStep(steps, record);
  return [...steps.values()];
}

/** Takes one more record into steps; one of another kind changes nothing. */
export function foldStep(steps: Map<string, StepRecord>, record: JournalRecord): void {
  const { type, body } = record;
  const stepId = textOf(body["step_id"]);
  if (type === "step.started") {
    refuseStart(steps, stepId);
    steps.set(stepId, started(stepId, record));
  }
  if (type === "step.completed") {
    const step = runningStep(steps, stepId);
    steps.set(stepId, completed(step, record));
  }
}

/** @throws MissionError `DUPLICATE_STEP` when a step of that id was started */
export function refuseStart(steps: ReadonlyMap<string, StepRecord>, stepId: string): void {
  if (!steps.has(stepId)) return;
  throw new MissionError("DUPLICATE_STEP", `Cannot start step "${stepId}": it was started before`);
}

/** @throws MissionError `STEP_NOT_STARTED`, `STEP_COMPLETED` */
export function runningStep(steps: ReadonlyMap<string, StepRecord>, stepId: string): StepRecord {
  const step = steps.get(stepId);
  if (step === undefined) {
    const message = `Cannot go on with step "${stepId}": it was not started`;
    throw new MissionError("STEP_NOT_STARTED", message);
  }
  if (step.status === "running") return step;
  const message = `Cannot go on with step "${stepId}": it is completed`;
  throw new MissionError("STEP_COMPLETED", message);
}

const started = (stepId: string, { at, body, prev_hash, entry_hash }: JournalRecord): StepRecord =>
  Object.freeze({
    stepId,
    name: textOf(body["name"]),
    status: "running",
    startedAt: at,
    completedAt: undefined,
    inputs: objectOf(body["inputs"]),
    outputs: undefined,
    prevHash: prev_hash,
    entryHash: entry_hash,
  });

const completed = (step: StepRecord, { at, body, entry_hash }: JournalRecord): StepRecord =>
  Object.freeze({
    ...step,
    status: statusOf(body["status"]),
    completedAt: at,
    outputs: objectOf(body["outputs"]),
    entryHash: entry_hash,
  });

function statusOf(value: unknown): StepStatus {
  // What is no status of this version was not a success.
  return value === "ok" || value === "denied" || value === "aborted" ? value : "failed";
}

/** A member that should be a text. */
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** A member that should be an object. */
export const objectOf = (value: JsonObject[string] | undefined): JsonObject =>
  isObject(value) ? value : {};

const isObject = (value: JsonObject[string] | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
