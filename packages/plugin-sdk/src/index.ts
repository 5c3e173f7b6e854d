/**
 * Defines and serves a Sigil plugin: a program of its own that a host starts and calls.
 *
 * Import it before anything that may print: under a host its first import takes the standard streams of the process.
 *
 * @packageDocumentation
 */

export { type CallContext, type OperationContext, type Trace } from "./call-context.ts";
export {
  type Channel,
  type ChannelCapabilities,
  type ChannelIdentity,
  type ChannelMedia,
  type ChannelOptions,
  defineChannel,
  type InboundMessage,
  type OutboundMessage,
  type Presence,
} from "./channel.ts";
export { type Host, type HostChatRequest, type PageOptions, type SessionMessage } from "./host.ts";
export { type JsonObject, type JsonValue } from "./json.ts";
export { type Log, type LogFields } from "./log.ts";
export { PluginFailure, type PluginFailureOptions } from "./plugin-failure.ts";
export { type InitContext, type PluginHealth, type PluginOptions } from "./plugin-options.ts";
export {
  type ChatMessage,
  type ChatOutput,
  type ChatRequest,
  defineProvider,
  type Model,
  type Provider,
  type ProviderOptions,
  type ProviderStatus,
} from "./provider.ts";
export { PluginSdkError, type PluginSdkErrorCode } from "./plugin-sdk-error.ts";
export { serve } from "./serve.ts";
export {
  defineTool,
  type JsonSchema,
  type Tool,
  type ToolAnnotations,
  type ToolOptions,
  type ToolOutput,
} from "./tool.ts";
