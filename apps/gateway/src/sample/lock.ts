import { chmod, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CapabilitySet } from "@sigilrt/capability";
import { createMemoryAuditStore, Enforcer } from "@sigilrt/enforcer";
import { acceptUnverified, formatLockfile, parseLockfile, surfaceDigest } from "@sigilrt/integrity";
import { acceptDeclared, PluginManager, type VisibleTool } from "@sigilrt/manager";
import { parseManifest, requestedCapabilities } from "@sigilrt/manifest";
import { componentPlugins, createWasmHost } from "@sigilrt/wasm-host";
import { readConfiguration } from "../configuration.ts";
import { type Consents, consentSchema, writeConsents } from "../consents.ts";
import { ENGINE } from "../engine.ts";
import { openPluginSpace, runAsOf } from "../plugin-space.ts";
import { openProcessTier } from "../process-tier.ts";
import { bundleNotes, notesBundle } from "./notes-bundle.ts";

// Locks the sample's plugins as they are now: builds `notes`, runs each once in its sandbox to see what it offers, and records
// digests, tool texts and consents. What it writes is reviewed like code; `plugins/README.md` says what that is worth.
const home = new URL("../../", import.meta.url);
const { layOutPayloads }: { layOutPayloads: () => Promise<void> } = await import(
  new URL("../../tooling/scripts/payloads.mjs", home).href
);
await layOutPayloads();
await writeFile(notesBundle, await bundleNotes());

const configuration = await readConfiguration(fileURLToPath(new URL("gateway.yaml", home)));
const workshop = await mkdtemp(join(await realpath(tmpdir()), "lock-"));
await chmod(workshop, 0o711);
try {
  await lockAll(workshop);
} finally {
  await rm(workshop, { recursive: true, force: true });
}

async function lockAll(folder: string): Promise<void> {
  const runAs = runAsOf(configuration.runAs);
  const tier = await openProcessTier({
    space: await openPluginSpace(folder, runAs),
    reserved: [folder],
    runAs,
    onViolation: async ({ plugin, kind }) => console.error(`${plugin}: ${kind}`),
  });
  if (!tier.usable) throw new Error(`Cannot lock the sample: ${tier.reason}; ${tier.remedy}`);
  await using wasm = createWasmHost({ isolation: "worker" });
  const audit = createMemoryAuditStore({ maxRecords: 10_000 });
  await using manager = new PluginManager({
    directories: [fileURLToPath(new URL("plugins/", home))],
    hosts: {
      ...tier.hosts,
      component: componentPlugins(wasm, { decide: async () => false, imports: {} }),
    },
    verifier: acceptUnverified(),
    consent: acceptDeclared(),
    enforcer: new Enforcer(audit, Date),
    audit,
    engine: ENGINE,
  });
  const { rejected, skipped } = await manager.discover();
  for (const { message } of [...rejected, ...skipped]) throw new Error(message);
  await record(manager);
  await manager.close();
  await tier.sandbox.close();
}

async function record(manager: PluginManager): Promise<void> {
  const everything = CapabilitySet.from(["*"]);
  const person = { workspace: "studio", user: "lock" };
  const locked: Record<string, unknown> = {};
  const consents: Record<string, Consents[string]> = {};
  for (const name of configuration.plugins.keys()) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other, as a person would look at them
    const { digest, version } = await manager.start(name, { principal: person });
    const view = manager.visibleTools({
      ...person,
      workspaceAllow: everything,
      permissions: everything,
    });
    // oxlint-disable-next-line no-await-in-loop -- as above
    const capabilities = await requestedBy(name);
    const tools = view.tools.filter(({ plugin }) => plugin === name);
    const { surface } = consentSchema.pick({ surface: true }).parse({
      surface: { capabilities, hooks: [], tools: tools.map((tool) => pinned(tool)) },
    });
    locked[name] = { digest, surface: surfaceDigest(surface), version };
    consents[name] = { capabilities, digest, surface, userId: "sample-maintainers" };
    console.log(`${name} ${version} ${digest}: ${tools.map((tool) => tool.name).join(", ")}`);
  }
  const parsed = parseLockfile(
    Buffer.from(`${JSON.stringify({ lockfileVersion: 1, plugins: sorted(locked) }, null, 2)}\n`),
  );
  if (!parsed.ok) throw new Error(`Cannot write the lock: ${JSON.stringify(parsed.rejection)}`);
  await writeFile(configuration.lock, formatLockfile(parsed.lock));
  await writeConsents(configuration.consents, consents);
}

/** A tool as it is pinned: what it says of itself, without where it comes from. */
function pinned(tool: VisibleTool): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(tool).filter(([member]) => member !== "plugin"));
}

async function requestedBy(name: string): Promise<readonly string[]> {
  const text = await readFile(new URL(`plugins/${name}/plugin.yaml`, home));
  return requestedCapabilities(parseManifest(text)).map(({ pattern }) => pattern);
}

function sorted(entries: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(entries).toSorted(([left], [right]) => (left < right ? -1 : 1)),
  );
}
