import type { Enforcer } from "@sigilrt/enforcer";
import type { PluginHost } from "@sigilrt/lifecycle";
import { componentPlugins, modulePlugins, type WasmHost } from "@sigilrt/wasm-host";
import type { PluginLogs } from "./admin/plugin-logs.ts";
import type { Principals } from "./principals.ts";
import type { ProcessTier } from "./process-tier.ts";
import { redactedHost } from "./secrets/redacted-host.ts";
import type { Redaction } from "./secrets/redaction.ts";
import { watched } from "./watched-host.ts";

/** What the hosts are made from. */
export interface PluginHostsOptions {
  readonly processTier: ProcessTier;
  readonly wasm: WasmHost;
  readonly enforcer: Enforcer;
  readonly principals: Principals;
  /** Hears what became of a plugin. */
  readonly tell: (plugin: string, line: string) => void;
  /** Keeps what plugins write. */
  readonly logs: Pick<PluginLogs, "write" | "note">;
  /** Takes their secrets out of what hosts say. */
  readonly redaction: Pick<Redaction, "hide">;
}

/** The hosts of both tiers by adapter. What a component asks for is decided as the plugin, for the person behind the call. */
export function pluginHosts(options: PluginHostsOptions): Readonly<Record<string, PluginHost>> {
  const { processTier, wasm, enforcer, principals, tell, logs, redaction } = options;
  const hosts: Readonly<Record<string, PluginHost>> = {
    component: componentPlugins(wasm, {
      imports: {},
      async decide({ capability, plugin, principal }, { signal }) {
        const owner = principal && principals.find(principal);
        if (!owner) return false;
        const { user: userId, workspace: workspaceId, workspaceAllow, permissions } = owner;
        const subject = { plugin, capability, userId, workspaceId };
        const sets = { workspaceAllow, userPermissions: permissions };
        return (await enforcer.check({ ...subject, ...sets }, { signal })).allowed;
      },
    }),
    module: modulePlugins(wasm),
    ...(processTier.usable ? processTier.hosts : {}),
  };
  return Object.fromEntries(
    Object.entries(hosts).map(([adapter, host]) => [
      adapter,
      watched(redactedHost(host, redaction), tell, logs),
    ]),
  );
}
