import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type RecordedConsent, writeConsents } from "@sigilrt/cli";
import { amendLockfile, type LockEntry, surfaceDigest, writeLockfile } from "@sigilrt/integrity";
import { readConfiguration } from "../configuration.ts";
import { pluginDesk } from "../plugin-desk.ts";
import { bundleNotes, notesBundle } from "./notes-bundle.ts";

// Locks the sample's plugins as they are now: builds `notes`, runs each once in its sandbox to see what it offers, and records
// digests, tool texts and consents. What it writes is reviewed like code; `plugins/README.md` says what that is worth.
const home = new URL("../../", import.meta.url);
const { layOutPayloads }: { layOutPayloads: () => Promise<void> } = await import(
  new URL("../../tooling/scripts/payloads.mjs", home).href
);
await layOutPayloads();
await writeFile(notesBundle, await bundleNotes());

const config = fileURLToPath(new URL("gateway.yaml", home));
const { plugins, lock, consents } = await readConfiguration(config);
const pins: Record<string, LockEntry> = {};
const agreed: Record<string, RecordedConsent> = {};
for (const [name, { path }] of plugins) {
  // oxlint-disable-next-line no-await-in-loop -- one after the other, as a person would look at them
  const { digest, requested, surface, manifest } = await pluginDesk.examine(
    config,
    path,
    "declared",
  );
  pins[name] = { digests: [digest], surface: surfaceDigest(surface), version: manifest.version };
  agreed[name] = { capabilities: requested, digest, surface, userId: "sample-maintainers" };
  console.log(`${name} ${digest}: ${surface.tools.map((tool) => tool.name).join(", ")}`);
}
const locked = amendLockfile(undefined, pins);
if (!locked.ok) throw new Error(`Cannot write the lock: ${JSON.stringify(locked.rejection)}`);
await writeLockfile(lock, locked.lock);
await writeConsents(consents, agreed);
