import type { JsonObject } from "@sigilrt/journal";
import type {
  Compensation,
  Operation,
  OperationDenial,
  OperationReceipt,
  OperationStatus,
} from "./operation.ts";
import { recorded } from "./recorded.ts";
import type { StateRow } from "./state.ts";
import { objectOf, textOf } from "./step-record.ts";

/** An operation as its first record shows it. */
export interface StartedOperation {
  readonly stepId: string;
  readonly operationId: string;
  readonly type: string;
  readonly idempotencyKey: string;
  readonly paths: readonly string[];
  readonly compensation: Compensation;
  readonly preStateHash: string;
  /** What lay at its paths. */
  readonly snapshot: readonly StateRow[];
  /** When it was decided, in milliseconds since the epoch. */
  readonly now: number;
  readonly reservation: string;
}

/** Writes the record that precedes an effect. */
export const startedBody = (started: StartedOperation, operation: Operation): JsonObject => ({
  step_id: started.stepId,
  operation_id: started.operationId,
  type: started.type,
  idempotency_key: started.idempotencyKey,
  params: recorded(operation.params),
  paths: [...started.paths],
  estimate_usd: operation.estimateUsd,
  compensation: compensationBody(started.compensation),
  pre_state_hash: started.preStateHash,
  snapshot: started.snapshot.map(([path, digest]) => [path, digest]),
  decided_at: new Date(started.now).toISOString(),
  reservation: started.reservation,
});

/** Reads it back. */
export function startedFrom(body: JsonObject): StartedOperation {
  return {
    stepId: textOf(body["step_id"]),
    operationId: textOf(body["operation_id"]),
    type: textOf(body["type"]),
    idempotencyKey: textOf(body["idempotency_key"]),
    paths: listOf(body["paths"]).map(textOf),
    compensation: compensationFrom(objectOf(body["compensation"])),
    preStateHash: textOf(body["pre_state_hash"]),
    snapshot: listOf(body["snapshot"]).map((row) => {
      const [path, digest] = listOf(row);
      return [textOf(path), typeof digest === "string" ? digest : null];
    }),
    now: Date.parse(textOf(body["decided_at"])),
    reservation: textOf(body["reservation"]),
  };
}

/** Writes the receipt of an operation. */
export const receiptBody = (stepId: string, receipt: OperationReceipt): JsonObject => ({
  step_id: stepId,
  operation_id: receipt.operationId,
  type: receipt.type,
  idempotency_key: receipt.idempotencyKey,
  pre_state_hash: receipt.preStateHash,
  post_state_hash: receipt.postStateHash,
  compensation: compensationBody(receipt.compensation),
  compensation_status: receipt.compensationStatus,
  status: receipt.status,
  cost_micro_usd: String(receipt.cost),
  result: recorded(receipt.result),
  ...(receipt.denial === undefined ? {} : { denial: receipt.denial }),
  ...(receipt.error === undefined ? {} : { error: receipt.error }),
});

/** Reads it back. */
export function receiptFrom(body: JsonObject): OperationReceipt {
  const [denial, error] = [body["denial"], body["error"]];
  return Object.freeze({
    operationId: textOf(body["operation_id"]),
    type: textOf(body["type"]),
    idempotencyKey: textOf(body["idempotency_key"]),
    preStateHash: textOrNull(body["pre_state_hash"]),
    postStateHash: textOrNull(body["post_state_hash"]),
    compensation: compensationFrom(objectOf(body["compensation"])),
    compensationStatus: compensationStatusOf(body["compensation_status"]),
    status: operationStatusOf(body["status"]),
    cost: microUsdOf(body["cost_micro_usd"]),
    result: objectOf(body["result"]),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by receiptBody, verified with the journal
    ...(typeof denial === "string" ? { denial: denial as OperationDenial } : {}),
    ...(typeof error === "string" ? { error } : {}),
  });
}

/** An amount on record. */
export const microUsdOf = (value: unknown): bigint =>
  typeof value === "string" && /^[0-9]{1,18}$/u.test(value) ? BigInt(value) : 0n;

function compensationBody(compensation: Compensation): JsonObject {
  if (compensation.type === "none") return { type: "none", reason: compensation.reason };
  if (compensation.type === "registered") {
    return { type: "registered", name: compensation.name, params: compensation.params };
  }
  return { type: compensation.type, paths: [...compensation.paths] };
}

function compensationFrom(body: JsonObject): Compensation {
  const type = body["type"];
  if (type === "restore" || type === "delete") {
    return { type, paths: listOf(body["paths"]).map(textOf) };
  }
  if (type === "registered") {
    return { type, name: textOf(body["name"]), params: objectOf(body["params"]) };
  }
  return { type: "none", reason: textOf(body["reason"]) };
}

function operationStatusOf(value: unknown): OperationStatus {
  return value === "ok" || value === "denied" || value === "aborted" ? value : "failed";
}

function compensationStatusOf(value: unknown): OperationReceipt["compensationStatus"] {
  return value === "not_needed" || value === "verified" ? value : "failed";
}

const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);
const listOf = (value: JsonObject[string] | undefined): readonly JsonObject[string][] =>
  Array.isArray(value) ? [...value] : [];
