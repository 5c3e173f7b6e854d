import type { SurfaceTool } from "@sigilrt/integrity";
import type { Principal } from "./call.ts";
import type { Generation } from "./generation.ts";
import type { Instances } from "./instances.ts";
import type { Settings } from "./options.ts";
import type { ToolView, VisibleTool } from "./report.ts";
import { contractOf } from "./tool-contract.ts";

/** Lists the tools that a call of the principal would be allowed, by the same decision and without a record. */
export function visibleTools(
  { enforcer }: Settings,
  generation: Generation,
  instances: Instances | undefined,
  principal: Principal,
): ToolView {
  const tools: VisibleTool[] = [];
  for (const [plugin, admitted] of generation.plugins) {
    const surface = admitted.consent.surface ?? instances?.surface(admitted);
    for (const tool of surface?.tools ?? []) {
      if ("fault" in contractOf(tool)) continue;
      const { allowed } = enforcer.evaluate({
        plugin,
        capability: `tool.${plugin}.${tool.name}`,
        userId: principal.user,
        workspaceId: principal.workspace,
        workspaceAllow: principal.workspaceAllow,
        userPermissions: principal.permissions,
        ...(principal.mission === undefined ? {} : { mission: principal.mission }),
      });
      if (allowed) tools.push(visible(plugin, tool));
    }
  }
  return Object.freeze({ generation: generation.number, tools: Object.freeze(tools) });
}

const visible = (plugin: string, tool: SurfaceTool): VisibleTool =>
  Object.freeze({ plugin, ...tool });
