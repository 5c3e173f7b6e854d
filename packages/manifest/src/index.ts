/**
 * Turns the text of a `plugin.yaml` into a frozen {@link Manifest}, or into a complete list of what is wrong and where. Pure: it
 * reads no file, starts nothing and grants nothing; a manifest is a request.
 *
 * @packageDocumentation
 */

export { type AddedCapability, extendManifest } from "./extend-manifest.ts";
export { type CapabilityRequest, requestedCapabilities } from "./capabilities.ts";
export { type ConfigIssue, type ConfigOutcome, validateConfig } from "./config.ts";
export { decideEngine, type EngineDecision } from "./engine.ts";
export { type JsonSchema, manifestJsonSchema } from "./json-schema.ts";
export type {
  DeclaredSecret,
  DeclaredTool,
  Manifest,
  StorageCollection,
  StorageVolume,
} from "./manifest.ts";
export {
  ManifestError,
  type ManifestErrorCode,
  type ManifestIssue,
  type ManifestRule,
} from "./manifest-error.ts";
export { parseManifest, validateManifest } from "./parse.ts";
export { parseDuration, parseSize } from "./quantity.ts";
export { satisfiesRange } from "./range.ts";
export type { Plain, PlainObject } from "./snapshot.ts";
export { compareVersions } from "./version.ts";
export {
  EXECUTION_TIERS,
  type ExecutionTier,
  PLUGIN_ADAPTERS,
  PLUGIN_TYPES,
  type PluginAdapter,
  type PluginType,
} from "./vocabulary.ts";
