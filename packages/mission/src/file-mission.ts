import type { BudgetState, Envelope } from "@sigilrt/envelope";
import type { ExecutionContext } from "./execution-context.ts";
import type { Mission, StepInput, StepResult } from "./mission.ts";
import { MissionError } from "./mission-error.ts";
import type { MissionLog } from "./mission-log.ts";
import type { MissionOptions } from "./mission-options.ts";
import type { MissionStatus, StepScope } from "./mission-state.ts";
import { idempotencyKeyOf, type Operation, type OperationReceipt } from "./operation.ts";
import { recorded } from "./recorded.ts";
import type { OperationMeans } from "./operation-means.ts";
import { runOperation } from "./run-operation.ts";
import { undo } from "./undo.ts";
import { readState, stateHashOf } from "./state.ts";
import { refuseStart, runningStep, type StepRecord } from "./step-record.ts";

/** A mission on its journal. */
export class FileMission implements Mission {
  readonly context: ExecutionContext;
  readonly envelope: Envelope;
  readonly means: OperationMeans;
  readonly #log: MissionLog;
  readonly #running = new Map<string, Promise<OperationReceipt>>();
  readonly #starting = new Set<string>();
  readonly #completing = new Set<string>();
  readonly #closed = new AbortController();
  #closing: Promise<void> | undefined;

  constructor(context: ExecutionContext, options: MissionOptions, log: MissionLog) {
    this.context = context;
    this.envelope = options.envelope;
    this.#log = log;
    const clock = options.clock ?? Date;
    const snapshots = `${options.path}.snapshots`;
    this.means = { log, options, snapshots, now: () => clock.now() };
  }

  get ended(): MissionStatus | undefined {
    return this.#log.state.ended;
  }

  steps(): readonly StepRecord[] {
    return [...this.#log.state.steps.values()];
  }

  budget(): BudgetState {
    return this.#log.state.budget.state();
  }

  async step({ stepId, name, inputs, state }: StepInput): Promise<StepRecord> {
    this.#refuseAfterEnd("start a step");
    refuseStart(this.#log.state.steps, stepId);
    // Two starts at once are two starts.
    if (this.#starting.has(stepId)) {
      throw new MissionError(
        "DUPLICATE_STEP",
        `Cannot start step "${stepId}": it is being started`,
      );
    }
    this.#starting.add(stepId);
    try {
      const scope = state ?? { operation: "", paths: [] };
      await this.#log.append({
        type: "step.started",
        body: {
          step_id: stepId,
          name,
          inputs: recorded(inputs),
          operation: scope.operation,
          paths: [...scope.paths],
          pre_state_hash: await this.#stateHash(scope),
        },
      });
    } finally {
      this.#starting.delete(stepId);
    }
    return this.#step(stepId);
  }

  async run(
    stepId: string,
    operation: Operation,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<OperationReceipt> {
    this.#refuseAfterEnd("run an operation");
    runningStep(this.#log.state.steps, stepId);
    this.#refuseWhileCompleting(stepId);
    const idempotencyKey = idempotencyKeyOf(this.context.runId, stepId, operation);
    const finished = this.#log.state.finished.get(idempotencyKey);
    if (finished) return finished;
    // Two callers of one operation wait for the same effect.
    const same = this.#running.get(idempotencyKey);
    if (same) return same;

    const ends = AbortSignal.any([this.#closed.signal, ...(signal ? [signal] : [])]);
    const attempt = { stepId, operation, idempotencyKey, signal: ends };
    const run = this.#runOnce(attempt);
    this.#running.set(idempotencyKey, run);
    try {
      return await run;
    } finally {
      this.#running.delete(idempotencyKey);
    }
  }

  async complete(stepId: string, { status, outputs, error }: StepResult): Promise<StepRecord> {
    this.#refuseAfterEnd("complete a step");
    runningStep(this.#log.state.steps, stepId);
    this.#refuseWhileCompleting(stepId);
    if (this.#running.size > 0) {
      throw new RangeError(`Cannot complete step "${stepId}": an operation still runs; await it`);
    }
    this.#completing.add(stepId);
    try {
      const undone = status === "ok" || (await this.#undoStep(stepId));
      const scope = this.#log.state.stepScopes.get(stepId) ?? { operation: "", paths: [] };
      await this.#log.append({
        type: "step.completed",
        body: {
          step_id: stepId,
          status,
          outputs: recorded(outputs),
          post_state_hash: await this.#stateHash(scope),
          ...(error === undefined ? {} : { error }),
        },
      });
      if (!undone) await this.#callOperator();
    } finally {
      this.#completing.delete(stepId);
    }
    return this.#step(stepId);
  }

  async finish(status: Exclude<MissionStatus, "needs_operator">): Promise<void> {
    this.#refuseAfterEnd("finish the mission");
    await this.#log.append({ type: "mission.completed", body: { status } });
    await this.#log.seal();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#closed.abort(new MissionError("CLOSED", "The mission is closed"));
    await Promise.allSettled(this.#running.values());
    await this.#log.close();
  }

  async #runOnce(attempt: Parameters<typeof runOperation>[0]): Promise<OperationReceipt> {
    const receipt = await runOperation(attempt, this.means);
    if (receipt.compensationStatus === "failed") await this.#callOperator();
    return receipt;
  }

  /** Undoes what a step has done, newest first; answers whether all of it is as before. */
  async #undoStep(stepId: string): Promise<boolean> {
    const own = [...this.#log.state.done.values()].filter((done) => done.stepId === stepId);
    let verified = true;
    for (const started of own.toReversed()) {
      const { now, idempotencyKey } = started;
      const context = { envelope: this.envelope, now, idempotencyKey, signal: this.#closed.signal };
      // oxlint-disable-next-line no-await-in-loop -- newest first, each on what the one before left
      const { status } = await undo(started, context, this.means);
      verified &&= status !== "failed";
    }
    return verified;
  }

  async #callOperator(): Promise<void> {
    if (this.ended !== undefined) return;
    await this.#log.append({ type: "mission.completed", body: { status: "needs_operator" } });
  }

  /** What cannot be read, such as the paths of a step that will be denied, has no hash. */
  async #stateHash({ operation, paths }: StepScope): Promise<string | null> {
    const scope = { envelope: this.envelope, operation, now: this.means.now() };
    return readState(scope, paths).then(stateHashOf, () => null);
  }

  #step(stepId: string): StepRecord {
    const step = this.#log.state.steps.get(stepId);
    if (step === undefined) throw new Error(`step "${stepId}" is on record and was not folded`);
    return step;
  }

  #refuseWhileCompleting(stepId: string): void {
    if (!this.#completing.has(stepId)) return;
    throw new MissionError("STEP_COMPLETED", `Cannot go on with step "${stepId}": it is ending`);
  }

  #refuseAfterEnd(attempt: string): void {
    const state = this.#closing ? "it is closed" : this.ended && `it ended: ${this.ended}`;
    if (state) throw new MissionError("CLOSED", `Cannot ${attempt} of the mission: ${state}`);
  }
}
