/**
 * The operator's commands of a Sigil gateway, over a composition that an application hands in.
 *
 * @packageDocumentation
 */

export type {
  AuditKeeper,
  AuditPlace,
  Composition,
  DecidedCall,
  PluginDesk,
  StdioOwner,
} from "./composition.ts";
export {
  type Consents,
  consentStore,
  readConsents,
  type RecordedConsent,
  writeConsents,
} from "./plugins/consents.ts";
export type {
  ActReport,
  InspectedPlugin,
  OperatedGateway,
  OperatedPlugin,
  OperatorAct,
  PluginLine,
  ReloadedConfiguration,
} from "./operate/operated-gateway.ts";
export {
  type Approval,
  type ApprovalPowers,
  approvePlugin,
  rejectPlugin,
} from "./plugins/approve-verb.ts";
export type { Comparison } from "./plugins/look.ts";
export { type Examine, type ReviewedPlugin, reviewPlugin } from "./plugins/review-verb.ts";
export { rightInWords } from "./plugins/rights-text.ts";
export { type StagedPlugin, stagedPlugins } from "./plugins/stage.ts";
export { type MissionFile, parseMissionFile } from "./mission/mission-file.ts";
export type {
  MissionDesk,
  MissionPlace,
  MissionReport,
  MissionRunOptions,
} from "./mission/mission-place.ts";
export type { PluginPlace } from "./plugins/plugin-place.ts";
export type { PluginRun } from "./plugins/run-verb.ts";
export { touchLines } from "./plugins/profile-text.ts";
export { type VerifiedLog, verifyLog, type VerifyVerbOptions } from "./verify-verb.ts";
export type { Finding } from "./doctor-verb.ts";
export type { SecretChange, SecretKeeper, SecretStanding } from "./secrets/secret-keeper.ts";
export { secretReader } from "./secrets/read-secret.ts";
export type { NewGateway } from "./init-verb.ts";
export type { ShownToken, TokenDesk } from "./tokens/token-desk.ts";
export { EXIT } from "./exit-code.ts";
export { runSigil } from "./run-sigil.ts";
export { escaped, type Terminal } from "./terminal.ts";
