/**
 * Packs a plugin tree into one ZIP file that proves its own content, and refuses every archive that two readers could read
 * differently. Refusals are values; {@link BundleError} is for what could not be decided.
 *
 * @packageDocumentation
 */

export type { EntryRejection, FrameRejection, LocalRejection } from "./archive-rejection.ts";
export { BundleError, type BundleErrorCode } from "./bundle-error.ts";
export { findByproduct } from "./byproduct.ts";
export type { ContentRejection } from "./content-rejection.ts";
export {
  BUNDLE_REJECTION_KINDS,
  type BundleRejectionKind,
  describeRejection,
} from "./describe-rejection.ts";
export {
  extractBundle,
  type ExtractedBundle,
  type ExtractOptions,
  type ExtractOutcome,
} from "./extract.ts";
export {
  type BundleFile,
  type BundleVerdict,
  inspectBundle,
  type InspectOptions,
} from "./inspect.ts";
export type { BundleLimits } from "./limits.ts";
export { packBundle, type PackOptions } from "./pack.ts";
export type { BundleRejection, SelfTestStep, TreeDifference, TreeRejection } from "./rejection.ts";
export type { SandboxedCommand, SandboxedExit, SandboxedRun } from "./sandboxed-run.ts";
export {
  selfTest,
  type SelfTestDeclaration,
  type SelfTestEvidence,
  type SelfTestOptions,
  type SelfTestOutcome,
  type SelfTestStepReport,
} from "./self-test.ts";
export type { Transcript } from "./transcript.ts";
export type { TreeDigest } from "./tree-digest.ts";
export type { HeaderField } from "./zip-records.ts";
