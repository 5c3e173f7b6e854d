import type { BudgetState, Envelope } from "@sigilrt/envelope";
import type { JsonObject } from "@sigilrt/journal";
import type { ExecutionContext } from "./execution-context.ts";
import type { MissionStatus } from "./mission-state.ts";
import type { Operation, OperationReceipt } from "./operation.ts";
import type { StepRecord, StepStatus } from "./step-record.ts";

/** A step to start. */
export interface StepInput {
  /** Its id, once in a mission. */
  readonly stepId: string;
  /** Its name, for people. */
  readonly name: string;
  /** What it is given. Secrets are removed before it gets here. */
  readonly inputs: JsonObject;
  /** An operation and paths whose state is put on record before and after. */
  readonly state?: {
    /** The operation by which the paths are decided about. */
    readonly operation: string;
    /** The paths. */
    readonly paths: readonly string[];
  };
}

/** How a step ended. */
export interface StepResult {
  /** How. Anything but `ok` undoes what the step did, newest first. */
  readonly status: StepStatus;
  /** What came of it. Secrets are removed before it gets here. */
  readonly outputs: JsonObject;
  /** What went wrong. */
  readonly error?: string;
}

/** A run under an envelope, open for work. One process holds it. */
export interface Mission extends AsyncDisposable {
  /** Which run this is. */
  readonly context: ExecutionContext;
  /** What it may do. */
  readonly envelope: Envelope;
  /** How it ended; `undefined` while it goes on. */
  readonly ended: MissionStatus | undefined;
  /** Its steps, in the order in which they were started. */
  steps(): readonly StepRecord[];
  /** What it cost so far. */
  budget(): BudgetState;
  /** Starts a step. @throws {@link MissionError} `DUPLICATE_STEP`, `CLOSED`, `IO`; then nothing is on record */
  step(input: StepInput): Promise<StepRecord>;
  /**
   * Runs an operation of a running step: decides, sets its price aside, records, and only then does it. A finished one is not done
   * again; its receipt is answered. What is refused, fails or is cancelled is a receipt too, undone where it was begun.
   *
   * @throws {@link MissionError} `STEP_NOT_STARTED`, `STEP_COMPLETED`, `CLOSED`, `IO`; with `IO` before the effect, there was none
   */
  run(
    stepId: string,
    operation: Operation,
    options?: { readonly signal?: AbortSignal },
  ): Promise<OperationReceipt>;
  /** Completes a step. @throws {@link MissionError} `STEP_NOT_STARTED`, `STEP_COMPLETED`, `CLOSED`, `IO` */
  complete(stepId: string, result: StepResult): Promise<StepRecord>;
  /** Ends the mission and seals its journal. @throws {@link MissionError} `CLOSED`, `IO` */
  finish(status: Exclude<MissionStatus, "needs_operator">): Promise<void>;
  /** Ends what runs, and lets go of the journal; what is not finished can be resumed. Closing twice is closing once. */
  close(): Promise<void>;
}
