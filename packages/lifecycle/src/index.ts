/**
 * The states of a plugin, the `PluginHost` contract that the manager uses, and the restart policy. Pure: no clock, no
 * randomness, nothing started. The conformance suite for hosts is `@sigilrt/lifecycle/testing`.
 *
 * @packageDocumentation
 */

export type { Clock, WaitingClock } from "./clock.ts";
export type { ExitCause, ExitReport } from "./exit-report.ts";
export {
  type InstanceIdentity,
  PluginInstance,
  type PluginInstanceOptions,
  type Transition,
  type TransitionDetail,
} from "./instance.ts";
export {
  type HostErrorCode,
  LifecycleError,
  type LifecycleErrorCode,
  type LifecycleErrorOptions,
} from "./lifecycle-error.ts";
export type {
  Completing,
  HostAnswer,
  HostAsk,
  LogNote,
  OfferedPrompt,
  OfferedResource,
  Offers,
  PromptArgument,
} from "./offers.ts";
export type {
  CallChunk,
  CallPrincipal,
  Content,
  Health,
  HostCall,
  HostCallOptions,
  InstanceGrants,
  InstanceLimits,
  JsonValue,
  OfferedTool,
  OpenOptions,
  PluginEntry,
  PluginHost,
  Progress,
  Refusal,
  RunningPlugin,
  StartSpec,
  ToolSurface,
  Waiting,
} from "./plugin-host.ts";
export {
  createRestartPolicy,
  type RestartDecision,
  type RestartPolicy,
  type RestartPolicyOptions,
} from "./restart-policy.ts";
export type {
  ChannelHandle,
  ChatEvent,
  ChatMessage,
  ChatRequest,
  InboundMessage,
  MediaAttachment,
  ModelInfo,
  OutboundMessage,
  Presence,
  ProviderHandle,
  ProviderStatus,
  SendReceipt,
  ServiceHandle,
  TokenUsage,
  UserIdentity,
} from "./services.ts";
export { PLUGIN_STATES, type PluginState, validTransition } from "./states.ts";
