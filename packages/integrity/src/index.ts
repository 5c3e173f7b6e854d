/**
 * Tells whether the bytes about to run are the bytes that someone approved: tree digests, the lock file, surface digests,
 * verifiers and the content store. Refusals are values; {@link IntegrityError} is for what could not be decided.
 *
 * @packageDocumentation
 */

export { amendLockfile, type LockEntry } from "./amend-lockfile.ts";
export type { PluginId, SurfaceDigest, TreeDigest } from "./brands.ts";
export {
  digestFiles,
  digestTree,
  type DigestTreeOptions,
  type TreeFile,
  type TreeOutcome,
} from "./digest.ts";
export { ed25519Verifier, type Ed25519VerifierOptions } from "./ed25519-verifier.ts";
export { IntegrityError, type IntegrityErrorCode } from "./integrity-error.ts";
export {
  formatLockfile,
  lockDigest,
  type LockedPlugin,
  type Lockfile,
  type LockfileOutcome,
  parseLockfile,
  type ParseLockfileOptions,
} from "./lockfile.ts";
export { guardModules, type GuardOptions, type ModuleGuard } from "./module-guard.ts";
export { ModuleRejectedError } from "./module-rejected-error.ts";
export { readLockfile } from "./read-lockfile.ts";
export type {
  IntegrityRejection,
  LockfileReason,
  LockfileRejection,
  ModuleRejection,
  SurfaceRejection,
  TreeLimitName,
  TreeRejection,
  VerifyRejection,
} from "./rejection.ts";
export { type SignedPlugin, signPlugin } from "./signature.ts";
export {
  type AdmitOutcome,
  openPluginStore,
  openTemporaryPluginStore,
  type OpenOutcome,
  type PluginStore,
  type StoredTree,
} from "./store.ts";
export {
  diffSurface,
  type Surface,
  type SurfaceChange,
  surfaceDigest,
  type SurfaceTool,
} from "./surface.ts";
export type { TreeLimits } from "./tree-index.ts";
export {
  acceptUnverified,
  allOf,
  applyVerifier,
  type ApplyVerifierOptions,
  type Evidence,
  type PluginVerifier,
  treeDigestVerifier,
  type Verification,
  type VerifierSubject,
} from "./verifier.ts";
export { writeLockfile } from "./write-lockfile.ts";
