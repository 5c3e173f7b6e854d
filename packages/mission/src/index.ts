/**
 * Runs steps inside an envelope, puts each on record before it happens, undoes what fails, and goes on after a crash.
 *
 * @packageDocumentation
 */

export {
  type ExecutionContext,
  type RunId,
  runIdOf,
  type RunIdParts,
} from "./execution-context.ts";
export type { Mission, StepInput, StepResult } from "./mission.ts";
export { MissionError, type MissionErrorCode } from "./mission-error.ts";
export type { MissionOptions } from "./mission-options.ts";
export type { MissionStatus } from "./mission-state.ts";
export { openMission, resumeMission } from "./open-mission.ts";
export type {
  Compensation,
  CompensationHandler,
  Operation,
  OperationAnswer,
  OperationContext,
  OperationDenial,
  OperationHandler,
  OperationReceipt,
  OperationStatus,
} from "./operation.ts";
export { fileWrite } from "./operations/file-write.ts";
export {
  type ModelAnswer,
  modelCall,
  type ModelCaller,
  type ModelPrice,
} from "./operations/model-call.ts";
export {
  type ToolAnswer,
  toolCall,
  type ToolCall,
  type ToolCaller,
} from "./operations/tool-call.ts";
export { type PlannedStep, runSteps, stepIdOf } from "./run-steps.ts";
export { foldSteps, type StepRecord, type StepStatus } from "./step-record.ts";
