/**
 * Runs plugins that are programs of their own, over the go-plugin wire protocol.
 *
 * @packageDocumentation
 */

export { DOCUMENTED_VARIABLES } from "./environment.ts";
export {
  type ClientConfig,
  clientConfig,
  type HandshakeConfig,
  handshakeConfig,
  type PluginKind,
  type PluginKindName,
  pluginMap,
} from "./handshake-config.ts";
export { type CallbackContext, type HostCallbacks, type SessionMessage } from "./host-callbacks.ts";
export {
  type HostEvent,
  type ProcessHostOptions,
  type StartTimeouts,
  type StopGraces,
  type StopOptions,
} from "./options.ts";
export { type LogRecord, type StdioChunk } from "./output.ts";
export {
  type Command,
  createProcessHost,
  type LaunchOptions,
  type ProcessHost,
} from "./process-host.ts";
export {
  ProcessHostError,
  type ProcessHostErrorCode,
  type ProcessHostErrorOptions,
  type ProcessPhase,
  type StartEvidence,
} from "./process-host-error.ts";
export { type Address, type Runner, type Spawned, type SpawnRequest } from "./runner.ts";
export { type RunningProcess } from "./running-process.ts";
export { unconfinedRunner } from "./unconfined-runner.ts";
