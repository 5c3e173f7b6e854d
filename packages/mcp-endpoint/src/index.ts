/**
 * Serves the tools of a plugin manager over MCP: in the eras 2026-07-28 and 2025-11-25, over HTTP and standard streams, to whoever
 * a token names, and to them only what they may call.
 *
 * @packageDocumentation
 */

export type { Principal } from "@sigilrt/manager";
export { createMcpEndpoint, type McpEndpoint } from "./endpoint.ts";
export type {
  Admission,
  Clock,
  EndpointFault,
  EndpointLimits,
  McpEndpointOptions,
  StdioStreams,
  TokenVerifier,
} from "./options.ts";
export type { ToolNames } from "./tool-names.ts";
