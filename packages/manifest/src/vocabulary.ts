/** What a plugin may be; each is a service contract. */
export const PLUGIN_TYPES = Object.freeze(["provider", "channel", "tool", "skill"] as const);
/** How strongly a plugin is isolated, from the strongest bounds on what it can be to the weakest. Policy may only raise it. */
export const EXECUTION_TIERS = Object.freeze(["wasm", "process", "container"] as const);
/** How the runtime speaks to a plugin. */
export const PLUGIN_ADAPTERS = Object.freeze(["grpc", "mcp-stdio", "component", "module"] as const);

/** One of {@link PLUGIN_TYPES}. */
export type PluginType = (typeof PLUGIN_TYPES)[number];
/** One of {@link EXECUTION_TIERS}. */
export type ExecutionTier = (typeof EXECUTION_TIERS)[number];
/** One of {@link PLUGIN_ADAPTERS}. */
export type PluginAdapter = (typeof PLUGIN_ADAPTERS)[number];
