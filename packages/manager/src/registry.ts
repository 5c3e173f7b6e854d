import type { SurfaceTool } from "@sigilrt/integrity";

/** A tool of a plugin in this process. */
export interface ToolDefinition extends SurfaceTool {
  /** Runs it. Whoever calls it decides first and checks the arguments: the registry does neither. */
  readonly execute: (
    input: unknown,
    options: {
      /** Ends the call. */
      readonly signal: AbortSignal;
    },
  ) => unknown;
}

/** What hears of an event of the gateway. */
export type HookHandler = (event: unknown) => void | Promise<void>;

/** What one plugin registered. Frozen. */
export interface RegisteredPlugin {
  /** Its name. */
  readonly plugin: string;
  /** Its version. */
  readonly version: string;
  /** The digest of the bytes that run. */
  readonly digest: string;
  /** Its tools by name. */
  readonly tools: ReadonlyMap<string, ToolDefinition>;
  /** Its hooks by name. */
  readonly hooks: ReadonlyMap<string, HookHandler>;
}

/** The plugins in this process, as one value that is replaced as a whole. There is no global one. */
export interface PluginRegistry {
  /** What is registered now; the same object until all of it is replaced. */
  readonly plugins: ReadonlyMap<string, RegisteredPlugin>;
  /** Puts another set in its place, in one step. */
  replace(plugins: ReadonlyMap<string, RegisteredPlugin>): void;
}

/** Makes an empty registry. */
export function createPluginRegistry(): PluginRegistry {
  let current: ReadonlyMap<string, RegisteredPlugin> = new Map();
  return {
    get plugins() {
      return current;
    },
    replace(plugins) {
      current = new Map(plugins);
    },
  };
}
