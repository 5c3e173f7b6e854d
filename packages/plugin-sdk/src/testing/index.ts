/**
 * Runs a plugin in the process of its tests, behind the services and codecs that a host would reach it by, and holds the suite that a tool
 * plugin passes, here or in a real host. The suite is for Vitest.
 *
 * @packageDocumentation
 */

export {
  describeToolPlugin,
  type ToolCase,
  type ToolPluginFixture,
} from "./describe-tool-plugin.ts";
export { type FakeHost } from "./fake-host.ts";
export { type HostedPlugin, hostedPlugin } from "./hosted-plugin.ts";
export {
  type LoggedLine,
  type OpenedPlugin,
  openPlugin,
  type OpenPluginOptions,
} from "./open-plugin.ts";
export {
  type CallOptions,
  type OfferedTool,
  type TestedPlugin,
  type ToolAnswer,
} from "./tested-plugin.ts";
