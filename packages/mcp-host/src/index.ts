/**
 * Runs unmodified MCP servers on standard input and output as plugins behind the `PluginHost` contract.
 *
 * @packageDocumentation
 */

export type { LineLimits } from "./line-transport.ts";
export { createMcpHost, type McpHostOptions } from "./mcp-host.ts";
export { McpHostError, type McpHostErrorCode } from "./mcp-host-error.ts";
export type { McpProcess, McpRunner, McpSpawn } from "./runner.ts";
