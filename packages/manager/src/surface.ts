import {
  diffSurface,
  type Surface,
  surfaceDigest,
  type SurfaceRejection,
  type SurfaceTool,
} from "@sigilrt/integrity";
import type { OfferedTool, ToolSurface } from "@sigilrt/lifecycle";
import { toolCapability } from "./grant-for.ts";
import type { AdmittedPlugin } from "./verify.ts";

/** What a plugin may show of what it offers: tools that its manifest names, when it names any, under names that can be granted. */
export function visibleSurface(
  plugin: Pick<AdmittedPlugin, "manifest" | "requested">,
  offered: ToolSurface,
): Surface {
  const { name, tools: declared } = plugin.manifest;
  const named = declared && new Set(declared.map((tool) => tool.name));
  const tools = offered.tools.filter(
    (tool) => (named?.has(tool.name) ?? true) && toolCapability(name, tool.name) !== undefined,
  );
  return {
    capabilities: plugin.requested,
    hooks: [],
    tools: tools.map(surfaceTool),
  };
}

function surfaceTool(offered: OfferedTool): SurfaceTool {
  const { name, description, title, inputSchema, outputSchema, annotations } = offered;
  return {
    name,
    description,
    inputSchema,
    ...(title === undefined ? {} : { title }),
    ...(outputSchema === undefined ? {} : { outputSchema }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

/** Holds what a plugin shows against what was approved and against what it showed before; `undefined` when nothing differs. */
export function compareSurface(
  plugin: AdmittedPlugin,
  shown: Surface,
  seen: Surface | undefined,
): SurfaceRejection | undefined {
  const actual = surfaceDigest(shown);
  const approved = plugin.consent.surface ?? seen;
  const expected = [plugin.locked?.surface, approved && surfaceDigest(approved)].find(
    (digest) => digest !== undefined && digest !== actual,
  );
  if (expected === undefined) return undefined;
  return Object.freeze({
    kind: "surface_changed",
    plugin: plugin.manifest.name,
    expected,
    actual,
    diff: approved ? diffSurface(approved, shown) : [],
  });
}
