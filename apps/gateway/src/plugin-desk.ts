import { randomUUID } from "node:crypto";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { CapabilitySet } from "@sigilrt/capability";
import type { PluginDesk } from "@sigilrt/cli";
import { openPluginStore } from "@sigilrt/integrity";
import { examinePlugin, learnPlugin, type LearnPluginOptions } from "@sigilrt/manager";
import { parseManifest } from "@sigilrt/manifest";
import { componentPlugins, createWasmHost, modulePlugins } from "@sigilrt/wasm-host";
import { type AdminClient, findGateway } from "./admin/admin-client.ts";
import { createPluginLogs } from "./admin/plugin-logs.ts";
import { type Configuration, parseConfiguration, readConfiguration } from "./configuration.ts";
import { withListedPlugin } from "./listed-plugin.ts";
import { openAudit } from "./open-audit.ts";
import { openPluginSpace, runAsOf, runFolderOf } from "./plugin-space.ts";
import { createRedaction } from "./secrets/redaction.ts";
import { noConnections, openProcessTier } from "./process-tier.ts";

/** The plugins of a configuration; what a gateway that runs on it has to do goes through that gateway. */
export const pluginDesk: PluginDesk = {
  async place(config) {
    const { path, data, lock, consents, plugins } = await readConfiguration(config);
    return {
      lock,
      consents,
      folders: new Map([...plugins].map(([name, { path: folder }]) => [name, folder])),
      home: join(dirname(path), "plugins"),
      staged: join(data, "staged"),
    };
  },
  async examine(config, folder, rights) {
    return contained(
      await readConfiguration(config),
      folder,
      async () => false,
      async ({ store, hosts }) => examinePlugin(folder, { store, hosts, rights }),
    );
  },
  async learn(config, folder, scenario) {
    const configuration = await readConfiguration(config);
    const { capabilities } = parseManifest(await readFile(join(folder, "plugin.yaml")));
    const declared = CapabilitySet.from(capabilities);
    const decide = async ({ capability }: { readonly capability: string }): Promise<boolean> =>
      declared.contains(capability);
    return contained(configuration, folder, decide, async ({ store, hosts }) =>
      learnPlugin(folder, { store, hosts, scenario }),
    );
  },
  async record(config, records) {
    const configuration = await readConfiguration(config);
    const gateway = await gatewayOf(configuration);
    if (gateway) return gateway.record(records);
    await using audit = await openAudit(configuration);
    await audit.append(records);
  },
  async approved(config, name) {
    return (await gatewayOf(await readConfiguration(config)))?.approved(name);
  },
  async list(config, name, folder) {
    const { path } = await readConfiguration(config);
    const text = withListedPlugin(
      await readFile(path, "utf8"),
      name,
      relative(dirname(path), folder),
    );
    parseConfiguration(text, path);
    const draft = `${path}.${randomUUID()}`;
    await writeFile(draft, text);
    await rename(draft, path);
  },
};

/** The gateway that runs on a configuration; `undefined` when none does. */
export async function gatewayOf({ data, runAs }: Configuration): Promise<AdminClient | undefined> {
  return findGateway(await runFolderOf(data, runAsOf(runAs)));
}

/** Does something with a plugin that nobody has agreed to, in a sandbox that makes no connection. */
async function contained<T>(
  { data, runAs: configured }: Configuration,
  folder: string,
  decide: (ask: { readonly capability: string }) => Promise<boolean>,
  work: (desk: Pick<LearnPluginOptions, "store" | "hosts">) => Promise<T>,
): Promise<T> {
  const runAs = runAsOf(configured);
  await mkdir(data, { recursive: true });
  await chmod(data, 0o711);
  const space = await openPluginSpace(data, runAs);
  const tier = await openProcessTier({
    space,
    reserved: [...new Set([data, dirname(space.store)])],
    runAs,
    logs: createPluginLogs(),
    redaction: createRedaction(),
    onViolation: async () => undefined,
    onEgress: noConnections,
  });
  await using wasm = createWasmHost({ isolation: "worker" });
  const components = componentPlugins(wasm, { decide, imports: {} });
  const hosts = { component: components, module: modulePlugins(wasm) };
  try {
    return await work({
      store: await openPluginStore(space.store),
      hosts: tier.usable ? { ...hosts, ...tier.hosts } : hosts,
    });
  } catch (error) {
    if (tier.usable) throw error;
    throw new Error(`Cannot look at "${folder}": ${tier.reason}; ${tier.remedy}`, { cause: error });
  } finally {
    if (tier.usable) await tier.sandbox.close();
  }
}
