import { hash } from "node:crypto";
import { canonicalize } from "@sigilrt/canonical";
import type { Envelope, EnvelopeDenial, MicroUsd } from "@sigilrt/envelope";
import type { JsonObject } from "@sigilrt/journal";

/** How an effect is undone. There are no shell commands, and nothing is looked up later. */
export type Compensation =
  | {
      /** It is not. */
      readonly type: "none";
      /** Why not. */
      readonly reason: string;
    }
  | {
      /** By putting back what lay there before, or by deleting what came. */
      readonly type: "restore" | "delete";
      /** Where; each is one of the operation's paths. */
      readonly paths: readonly string[];
    }
  | {
      /** By code that was registered when the mission was opened. */
      readonly type: "registered";
      /** Its name. */
      readonly name: string;
      /** What it is given. */
      readonly params: JsonObject;
    };

/** One effect of a step. */
export interface Operation {
  /** Its name within the step. */
  readonly operationId: string;
  /** What is decided and run: a capability. */
  readonly type: string;
  /** What its handler is given. */
  readonly params: JsonObject;
  /** The paths that it may touch. */
  readonly paths: readonly string[];
  /** What it costs at most, in dollars. */
  readonly estimateUsd: string;
  /** How it is undone. */
  readonly compensation: Compensation;
}

/** What a handler is given besides the operation. */
export interface OperationContext {
  /** The envelope; files are opened through it. */
  readonly envelope: Envelope;
  /** When the operation was decided, in milliseconds since the epoch. */
  readonly now: number;
  /** The same for the same operation of the same step of the same work; peers that know it can refuse to do a thing twice. */
  readonly idempotencyKey: string;
  /** Ends the operation. */
  readonly signal: AbortSignal;
}

/** How an operation went. */
export interface OperationAnswer {
  /** `denied` means that it did not run: another rule than the envelope refused it. */
  readonly status: "ok" | "failed" | "denied";
  /** What came of it. */
  readonly result: JsonObject;
  /** What it cost; its estimate when absent. */
  readonly cost?: MicroUsd;
}

/** Runs the operations of one type. */
export interface OperationHandler {
  /** Whether it changes, or may be paid for, anything beside the paths that it names: then it is not run again after a crash. */
  readonly external: boolean;
  /** Runs one. A rejection is a failure. */
  run(operation: Operation, context: OperationContext): Promise<OperationAnswer>;
}

/** Undoes an operation. */
export type CompensationHandler = (
  params: JsonObject,
  context: OperationContext,
) => Promise<{
  /** Whether it looked and found everything as before. */
  readonly verified: boolean;
}>;

/** Why an operation was refused before anything happened. */
export type OperationDenial = EnvelopeDenial | "no_handler" | "compensation_invalid" | "refused";

/** How an operation ended. */
export type OperationStatus = "ok" | "failed" | "denied" | "aborted";

/** What is on record of an operation. */
export interface OperationReceipt {
  /** Its name within the step. */
  readonly operationId: string;
  /** Its type. */
  readonly type: string;
  /** SHA-256 over what it is. */
  readonly idempotencyKey: string;
  /** The state of its paths before; `null` when it was refused. */
  readonly preStateHash: string | null;
  /** The state after it, and after its compensation where that ran; `null` when it was refused. */
  readonly postStateHash: string | null;
  /** How it is undone. */
  readonly compensation: Compensation;
  /** Whether it had to be undone, and whether the state was the one before. */
  readonly compensationStatus: "not_needed" | "verified" | "failed";
  /** How it ended. */
  readonly status: OperationStatus;
  /** What was booked for it. */
  readonly cost: MicroUsd;
  /** What came of it; of a large one its digest and its size. */
  readonly result: JsonObject;
  /** Why it was refused; for `denied`. */
  readonly denial?: OperationDenial;
  /** What failed; for `failed` and `aborted`. */
  readonly error?: string;
}

/** What names an operation over all executions of the same work. */
export function idempotencyKeyOf(
  runId: string,
  stepId: string,
  { operationId, type, params }: Operation,
): string {
  const named = { operation_id: operationId, params, run_id: runId, step_id: stepId, type };
  return hash("sha256", canonicalize(named));
}
