import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { consentStore, type Finding, readConsents } from "@sigilrt/cli";
import { openPluginStore, treeDigestVerifier } from "@sigilrt/integrity";
import { inspectPlugins } from "@sigilrt/manager";
import { type Configuration, readConfiguration } from "./configuration.ts";
import { dataFolders } from "./data-folders.ts";
import { ENGINE } from "./engine.ts";
import { openPluginSpace, type PluginSpace, type RunAs, runAsOf } from "./plugin-space.ts";
import { noConnections, openProcessTier } from "./process-tier.ts";

/** Looks at what a gateway on this configuration would stand on. Starts no plugin. */
export async function examineMachine(config: string): Promise<readonly Finding[]> {
  const configuration = await readConfiguration(config);
  const runAs = runAsOf(configuration.runAs);
  const space = await openPluginSpace(configuration.data, runAs);
  return [
    await sandboxFinding(configuration, space, runAs),
    await storeFinding(space, runAs),
    await lockFinding(configuration, space),
    await keyFinding(configuration),
  ];
}

async function sandboxFinding(
  { data }: Configuration,
  space: PluginSpace,
  runAs: RunAs | undefined,
): Promise<Finding> {
  const subject = "sandbox";
  const tier = await openProcessTier({
    space,
    reserved: [data],
    runAs,
    onViolation: async () => undefined,
    onEgress: noConnections,
  });
  if (!tier.usable) return { subject, state: "failed", detail: tier.reason, remedy: tier.remedy };
  await tier.sandbox.close();
  return { subject, state: "ok", detail: "programs can be contained here" };
}

/** Whether a change of verified bytes is kept from happening, or found before it runs. */
async function storeFinding({ store }: PluginSpace, runAs: RunAs | undefined): Promise<Finding> {
  const subject = "store";
  await openPluginStore(store);
  const { uid } = await lstat(store);
  const plugins = runAs?.uid ?? process.getuid?.() ?? uid;
  if (plugins !== uid) {
    const detail = `a change of verified bytes by a plugin is prevented: the store is uid ${uid}'s, plugins run as uid ${plugins}`;
    return { subject, state: "ok", detail };
  }
  return {
    subject,
    state: "warning",
    detail: `a change of verified bytes is detected before they run, and not prevented: store and plugins are both uid ${uid}'s`,
    remedy:
      "run the gateway as root with sandbox.run_as, so that the store belongs to another user",
  };
}

async function lockFinding(
  { lock, consents, plugins, path }: Configuration,
  { store }: PluginSpace,
): Promise<Finding> {
  const subject = "lock";
  const { rejections } = await inspectPlugins(path, {
    mode: "collect",
    folders: [...plugins.values()].map(({ path: folder }) => folder),
    lockPath: lock,
    store: await openPluginStore(store),
    verifier: treeDigestVerifier(),
    consent: consentStore(await readConsents(consents)),
    engine: ENGINE,
  });
  if (rejections.length === 0) {
    return { subject, state: "ok", detail: `${plugins.size} plugins are what was approved` };
  }
  const kinds = rejections.map((rejection) =>
    "plugin" in rejection ? `${rejection.plugin}: ${rejection.kind}` : rejection.kind,
  );
  const remedy = "sigil lock verify says more";
  return { subject, state: "failed", detail: kinds.join(", "), remedy };
}

/** The key of the audit: whoever reads it can rewrite history. */
async function keyFinding({ data }: Configuration): Promise<Finding> {
  const subject = "keys";
  const path = join(dataFolders(data).keys, "audit.pem");
  const found = await lstat(path).catch(() => undefined);
  if (!found) return { subject, state: "ok", detail: "made at the first start" };
  const mode = (found.mode & 0o777).toString(8);
  if (mode === "600")
    return { subject, state: "ok", detail: "the signing key is readable by its owner alone" };
  return {
    subject,
    state: "failed",
    detail: `"${path}" has mode ${mode}`,
    remedy: `chmod 600 "${path}"`,
  };
}
