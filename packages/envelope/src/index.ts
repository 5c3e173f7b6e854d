/**
 * Bounds what one run may do: which operations, which paths, how much money, until when; and what nothing may change.
 *
 * @packageDocumentation
 */

export {
  attenuateEnvelope,
  type AttenuateOutcome,
  type WidenedPart,
} from "./attenuate-envelope.ts";
export {
  type Budget,
  type BudgetDenial,
  type BudgetState,
  createBudget,
  type ReserveOutcome,
  type Settlement,
} from "./budget.ts";
export {
  type ChangeOutcome,
  removeContained,
  renameContained,
  type RenameRequest,
} from "./change-contained.ts";
export type { OpenDenial, PathRequest, Refused } from "./contained-parent.ts";
export {
  decide,
  type EnvelopeDecision,
  type EnvelopeDenial,
  missionLeg,
  type OperationRequest,
  type PathDenial,
} from "./decide.ts";
export {
  compileEnvelope,
  type CompileOptions,
  type Envelope,
  type EnvelopeSpec,
} from "./envelope.ts";
export { EnvelopeError, type EnvelopeErrorCode } from "./envelope-error.ts";
export { envelopeGuard, type EnvelopeGuardOptions, type GuardedCall } from "./envelope-guard.ts";
export { formatUsd, type MicroUsd, parseUsd } from "./micro-usd.ts";
export {
  type Access,
  type ContainedFile,
  openContained,
  type OpenOutcome,
  type OpenRequest,
} from "./open-contained.ts";
export { type ProtectedObjects, protectObjects, type ProtectOptions } from "./protected-objects.ts";
