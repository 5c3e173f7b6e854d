import type { PluginHost } from "@sigilrt/lifecycle";
import {
  type ComponentPluginsOptions,
  componentPlugins,
  modulePlugins,
  type WasmHost,
} from "@sigilrt/wasm-host";
import type { PluginLogs } from "./admin/plugin-logs.ts";
import type { CallsInProgress } from "./callbacks/calls-in-progress.ts";
import { followedHost } from "./callbacks/followed-host.ts";
import type { ProcessTier } from "./process-tier.ts";
import { redactedHost } from "./secrets/redacted-host.ts";
import type { Redaction } from "./secrets/redaction.ts";
import { watched } from "./watched-host.ts";

/** What the hosts are made from. */
export interface PluginHostsOptions {
  readonly processTier: ProcessTier;
  readonly wasm: WasmHost;
  /** Decides on what components ask, and answers them. */
  readonly components: ComponentPluginsOptions;
  /** Knows who works for whom. */
  readonly calls: Pick<CallsInProgress, "enter">;
  /** Hears what became of a plugin. */
  readonly tell: (plugin: string, line: string) => void;
  /** Keeps what plugins write. */
  readonly logs: Pick<PluginLogs, "write" | "note">;
  /** Takes their secrets out of what hosts say. */
  readonly redaction: Pick<Redaction, "hide">;
}

/** The hosts of both tiers by adapter, each followed, its secrets hidden, its calls known. */
export function pluginHosts(options: PluginHostsOptions): Readonly<Record<string, PluginHost>> {
  const { processTier, wasm, components, calls, tell, logs, redaction } = options;
  const hosts: Readonly<Record<string, PluginHost>> = {
    component: componentPlugins(wasm, components),
    module: modulePlugins(wasm),
    ...(processTier.usable ? processTier.hosts : {}),
  };
  return Object.fromEntries(
    Object.entries(hosts).map(([adapter, host]) => [
      adapter,
      followedHost(watched(redactedHost(host, redaction), tell, logs), calls),
    ]),
  );
}
