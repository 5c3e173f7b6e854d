import type { ToolView, VisibleTool } from "@sigilrt/manager";
import { isServable } from "./tool-definition.ts";

/** How the tools of a workspace are named. */
export interface ToolNames {
  /** What stands between plugin and tool; `.` when absent. `__` serves clients that refuse a dot. */
  readonly separator?: "." | "__";
  /** Further names, each for one tool in the form `plugin.tool`. A tool's own name is never hidden by one. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Whether tools are known by their aliases alone. */
  readonly onlyAliases?: boolean;
}

/** Gives every tool of a view its names. Listing and calling both read this: a name that is not in it does not exist. */
export function nameTools(view: ToolView, names: ToolNames): ReadonlyMap<string, VisibleTool> {
  const { separator = ".", aliases = {}, onlyAliases = false } = names;
  const named = new Map<string, VisibleTool>();
  const targets = new Map<string, VisibleTool>();
  for (const tool of view.tools) {
    if (!isServable(tool)) continue;
    targets.set(`${tool.plugin}.${tool.name}`, tool);
    if (!onlyAliases) named.set(`${tool.plugin}${separator}${tool.name}`, tool);
  }
  for (const [alias, target] of Object.entries(aliases)) {
    const tool = targets.get(target);
    if (tool && !named.has(alias)) named.set(alias, tool);
  }
  return named;
}

/** A tool by plugin and name. */
export interface ToolTarget {
  readonly plugin: string;
  readonly tool: string;
}

// No name of a plugin and a tool is as long; the audit is no place for what is.
const MAX_NAME = 256;

/** What a name would mean if it were visible; `undefined` when it could mean nothing. */
export function targetOf(name: string, names: ToolNames): ToolTarget | undefined {
  const { separator = ".", aliases = {} } = names;
  if (name.length > MAX_NAME) return undefined;
  const alias = Object.hasOwn(aliases, name) ? aliases[name] : undefined;
  return alias === undefined ? split(name, separator) : split(alias, ".");
}

/** Plugin names hold no separator, so the first one ends the plugin's name. */
function split(name: string, separator: string): ToolTarget | undefined {
  const at = name.indexOf(separator);
  if (at < 1) return undefined;
  const tool = name.slice(at + separator.length);
  return tool === "" ? undefined : { plugin: name.slice(0, at), tool };
}
