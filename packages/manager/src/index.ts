/**
 * Turns plugin folders into admitted, running, supervised plugins: four gates before a byte runs, one decision before a call,
 * one outcome after it.
 *
 * @packageDocumentation
 */

export type {
  ArgumentIssue,
  CallGuard,
  CallMeta,
  CallOptions,
  CallOutcome,
  CallRequest,
  GuardAnswer,
  GuardedRequest,
  Offer,
  OpenRequest,
  OperationRequest,
  Principal,
  ServiceOperation,
} from "./call.ts";
export {
  acceptDeclared,
  type ConsentQuestion,
  type ConsentRecord,
  type ConsentStore,
} from "./consent.ts";
export {
  type InspectPluginsOptions,
  inspectPlugins,
  type InspectReport,
  type VerifiedPlugin,
} from "./inspect-plugins.ts";
export {
  type ImportPlugin,
  type LoadOutcome,
  loadPlugins,
  type LoadPluginsOptions,
  type LoadReport,
} from "./load-plugins.ts";
export {
  createModuleImporter,
  type ModuleImporter,
  type ModuleImporterOptions,
} from "./module-importer.ts";
export type { PluginModule, Registrar } from "./registration.ts";
export {
  createPluginRegistry,
  type HookHandler,
  type PluginRegistry,
  type RegisteredPlugin,
  type ToolDefinition,
} from "./registry.ts";
export type { SecretSource } from "./deliver-secrets.ts";
export { type ExaminedPlugin, examinePlugin, type ExaminePluginOptions } from "./examine.ts";
export { grantFor, type GrantSources } from "./grant-for.ts";
export { learnPlugin, type LearnPluginOptions } from "./learn.ts";
export type {
  LearnedCall,
  LearnReport,
  ProposedRight,
  Scenario,
  UngrantableAttempt,
} from "./learn-report.ts";
export { PluginManager } from "./manager.ts";
export type { StartOptions } from "./start-plugin.ts";
export { ManagerError, type ManagerErrorCode, type ManagerErrorOptions } from "./manager-error.ts";
export type { UnfinishedOutcome } from "./open-outcome.ts";
export type { ManagerLimits, PluginManagerOptions, WatchOptions } from "./options.ts";
export type { SkippedFolder } from "./read-folder.ts";
export { exitCodeForRejection, PLUGIN_REJECTION_KINDS, type PluginRejection } from "./rejection.ts";
export type { DrainReport } from "./calls-in-flight.ts";
export type { ManagerEvent, ManagerEventFacts, ManagerEventType } from "./events.ts";
export type { OfferView, VisiblePrompt, VisibleResource } from "./visible-offers.ts";
export type { PreviousPlugin, ReloadOutcome, ReloadRefusal } from "./reload-outcome.ts";
export type {
  AdmittedSummary,
  DiscoveryReport,
  PluginSummary,
  ToolView,
  VisibleTool,
} from "./report.ts";
export type { SchemaFault } from "./read-schema.ts";
export type { WithheldTool } from "./tool-contract.ts";
export type { AwaitingPlugin, RefusedPlugin } from "./verify.ts";
