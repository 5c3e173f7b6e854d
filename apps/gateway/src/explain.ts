import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Composition, readConsents } from "@sigilrt/cli";
import { createMemoryAuditStore, Enforcer } from "@sigilrt/enforcer";
import { grantFor } from "@sigilrt/manager";
import { parseManifest } from "@sigilrt/manifest";
import { type Configuration, readConfiguration } from "./configuration.ts";
import { principals } from "./principals.ts";

/** Explains a call by the files as they are now, without the gateway: no plugin runs, and nothing goes to the audit. */
export const explain: Composition["explain"] = async (config, call) => {
  const { plugin, capability, user, workspace } = call;
  const configuration = await readConfiguration(config);
  const principal = principals(configuration).find({ user, workspace });
  if (!principal) {
    throw new Error(
      `Cannot explain: ${config} has no user ${user} in workspace ${workspace} any more`,
    );
  }
  const enforcer = new Enforcer(createMemoryAuditStore({ maxRecords: 16 }), Date);
  await register(plugin, configuration, enforcer);
  return enforcer.explain({
    plugin,
    capability,
    userId: user,
    workspaceId: workspace,
    workspaceAllow: principal.workspaceAllow,
    userPermissions: principal.permissions,
  });
};

/** Gives the plugin the grant that admission would give it; one that is not listed or that nobody consented to has none. */
async function register(
  plugin: string,
  { plugins, consents: path }: Configuration,
  enforcer: Enforcer,
): Promise<void> {
  const folder = plugins.get(plugin)?.path;
  const consents = await readConsents(path);
  const consent = Object.hasOwn(consents, plugin) ? consents[plugin] : undefined;
  if (folder === undefined || !consent) return;
  const manifest = parseManifest(await readFile(join(folder, "plugin.yaml")));
  await enforcer.registerPlugin(plugin, grantFor({ manifest, consent }));
}
