import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { consentStore, type Finding, readConsents } from "@sigilrt/cli";
import { openPluginStore, treeDigestVerifier } from "@sigilrt/integrity";
import { inspectPlugins } from "@sigilrt/manager";
import { diagnoseSandbox, type ProbeResult } from "@sigilrt/sandbox";
import { type Configuration, readConfiguration } from "./configuration.ts";
import { dataFolders } from "./data-folders.ts";
import { ENGINE } from "./engine.ts";
import { readSecretKey } from "./secrets/secret-key.ts";
import { openPluginSpace, type PluginSpace, type RunAs, runAsOf } from "./plugin-space.ts";

/** Looks at what a gateway on this configuration would stand on. Starts no plugin. */
export async function examineMachine(config: string): Promise<readonly Finding[]> {
  const configuration = await readConfiguration(config);
  const runAs = runAsOf(configuration.runAs);
  const space = await openPluginSpace(configuration.data, runAs);
  return [
    ...(await sandboxFindings(space, runAs)),
    await storeFinding(space, runAs),
    await lockFinding(configuration, space),
    await keyFinding(configuration),
    await secretsFinding(configuration),
  ];
}

/** Each probe of the sandbox, with the remedy where one failed. */
async function sandboxFindings(
  space: PluginSpace,
  runAs: RunAs | undefined,
): Promise<readonly Finding[]> {
  const { probes } = await diagnoseSandbox({
    runtimeDirectory: space.run,
    onViolation: async () => undefined,
    ...(runAs ? { runAs } : {}),
  });
  return probes.map((probe) => probeFinding(probe));
}

function probeFinding({ name, status, detail, remedy }: ProbeResult): Finding {
  const found = { subject: `sandbox, ${name}`, state: stateOf[status], detail };
  return remedy === undefined ? found : { ...found, remedy };
}

const stateOf = {
  passed: "ok",
  failed: "failed",
  not_run: "failed",
  degraded: "warning",
  absent: "warning",
} as const;

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

/** Whether the key of secrets can be used, and nobody else can have read it. */
async function secretsFinding({ data }: Configuration): Promise<Finding> {
  const subject = "secrets";
  const { key } = dataFolders(data).secrets;
  if (!(await lstat(key).catch(() => undefined))) {
    return { subject, state: "ok", detail: "the key is made with the first one" };
  }
  try {
    await readSecretKey(key);
    return { subject, state: "ok", detail: "the key is readable by its owner alone" };
  } catch (error) {
    const detail = error instanceof Error ? error.message : "unknown failure";
    return { subject, state: "failed", detail, remedy: `chmod 600 "${key}", and new secrets` };
  }
}
