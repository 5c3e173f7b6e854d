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
export type { PluginPlace } from "./plugins/plugin-place.ts";
export type { Finding } from "./doctor-verb.ts";
export type { SecretChange, SecretKeeper, SecretStanding } from "./secrets/secret-keeper.ts";
export { secretReader } from "./secrets/read-secret.ts";
export type { NewGateway } from "./init-verb.ts";
export type { ShownToken, TokenDesk } from "./tokens/token-desk.ts";
export { EXIT } from "./exit-code.ts";
export { runSigil } from "./run-sigil.ts";
export { escaped, type Terminal } from "./terminal.ts";
