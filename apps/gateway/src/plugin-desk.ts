import { randomUUID } from "node:crypto";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { CapabilitySet } from "@sigilrt/capability";
import type { PluginDesk } from "@sigilrt/cli";
import { openPluginStore } from "@sigilrt/integrity";
import { examinePlugin, learnPlugin, type LearnPluginOptions } from "@sigilrt/manager";
import { parseManifest } from "@sigilrt/manifest";
import { componentPlugins, createWasmHost, modulePlugins } from "@sigilrt/wasm-host";
import { type Configuration, parseConfiguration, readConfiguration } from "./configuration.ts";
import { withListedPlugin } from "./listed-plugin.ts";
import { openAudit } from "./open-audit.ts";
import { openPluginSpace, runAsOf } from "./plugin-space.ts";
import { noConnections, openProcessTier } from "./process-tier.ts";

/** The plugins of a configuration, while no gateway runs on it. */
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
    await using audit = await openAudit(await readConfiguration(config));
    await audit.append(records);
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
