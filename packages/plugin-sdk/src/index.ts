/**
 * Defines and serves a Sigil plugin: a program of its own that a host starts and calls.
 *
 * Import it before anything that may print: under a host its first import takes the standard streams of the process.
 *
 * @packageDocumentation
 */

export { type CallContext, type Trace } from "./call-context.ts";
export { type JsonObject, type JsonValue } from "./json.ts";
export { type Log, type LogFields } from "./log.ts";
export { PluginFailure, type PluginFailureOptions } from "./plugin-failure.ts";
export { type InitContext, type PluginHealth, type PluginOptions } from "./plugin-options.ts";
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
