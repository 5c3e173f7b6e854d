import { approvedTools } from "./grant-for.ts";
import type { InstanceState } from "./describe-instances.ts";
import type { Instances } from "./instances.ts";
import type { PluginSummary } from "./report.ts";
import { contractOf } from "./tool-contract.ts";
import type { AdmittedPlugin } from "./verify.ts";

/** What an operator sees of an admitted plugin. */
export function summaryOf(plugin: AdmittedPlugin, instances: Instances | undefined): PluginSummary {
  const { manifest, tree } = plugin;
  const { name, version, type, adapter, warnings } = manifest;
  const withheld = (plugin.consent.surface ?? instances?.surface(plugin))?.tools
    .map(contractOf)
    .filter((contract) => "fault" in contract);
  const known = instances?.surface(plugin)?.tools.map((tool) => tool.name);
  const tools = known ?? approvedTools(plugin);
  const { state, reason, health } = instances?.describe(plugin) ?? unknown;
  return Object.freeze({
    name,
    version,
    type,
    tier: manifest.execution.tier,
    adapter,
    digest: tree.digest,
    state,
    ...(reason === undefined ? {} : { reason }),
    ...(health === undefined ? {} : { health }),
    ...(tools === undefined ? {} : { tools }),
    ...(withheld && withheld.length > 0 ? { withheld } : {}),
    warnings,
  });
}

const unknown: InstanceState = { state: "discovered", reason: undefined };
