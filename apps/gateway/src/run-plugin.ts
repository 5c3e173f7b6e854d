import type { PluginRun } from "@sigilrt/cli";
import type { CallOutcome } from "@sigilrt/manager";
import { problems } from "./banner.ts";
import { type Configuration, readConfiguration } from "./configuration.ts";
import { openGateway } from "./gateway.ts";
import { gatewayOf } from "./plugin-desk.ts";
import { firstOwner } from "./principals.ts";

/**
 * Opens a gateway that serves nobody for one call: the same gates, the same decision and record, the same sandbox. SIGINT and SIGTERM cancel
 * the call, and everything is closed as after any other.
 *
 * @throws Error when a gateway runs on the data folder, for a person that the configuration does not have, for a plugin that is not admitted
 */
export async function runPlugin(
  config: string,
  { plugin, tool, arguments: args, owner }: PluginRun,
  log: (line: string) => void,
): Promise<CallOutcome> {
  const configuration = await readConfiguration(config);
  if (await gatewayOf(configuration)) {
    throw new Error(
      `Cannot run "${plugin}" by itself: a gateway runs on ${config}; call it through that, or stop it`,
    );
  }
  const stop = new AbortController();
  const cancel = (): void => stop.abort();
  process.once("SIGINT", cancel).once("SIGTERM", cancel);
  try {
    await using gateway = await openGateway(withoutEager(configuration), log);
    const principal = gateway.principals.find(owner ?? firstOwner(configuration));
    if (!principal) {
      throw new Error(`Cannot run "${plugin}": ${config} has no such user in that workspace`);
    }
    if (!gateway.manager.list().some(({ name }) => name === plugin)) {
      const found = problems(gateway).filter((line) => line.includes(plugin));
      const why = found.length > 0 ? found.join("; ") : `${config} lists no plugin of this name`;
      throw new Error(`Cannot run "${plugin}": it is not admitted: ${why}`);
    }
    return await gateway.manager.call(
      { plugin, tool, arguments: args, principal },
      { signal: stop.signal },
    );
  } finally {
    process.off("SIGINT", cancel).off("SIGTERM", cancel);
  }
}

/** Other plugins are there to be called, and do not start for nothing. */
function withoutEager(configuration: Configuration): Configuration {
  const plugins = [...configuration.plugins].map(
    ([name, plugin]) => [name, { ...plugin, eager: false }] as const,
  );
  return { ...configuration, plugins: new Map(plugins) };
}
