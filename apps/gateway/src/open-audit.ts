import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type AuditStoreOptions,
  commandSink,
  type EmbeddedAuditStore,
  fileSink,
  openAuditStore,
} from "@sigilrt/audit";
import { matchCapability } from "@sigilrt/capability";
import { openSigningKey } from "@sigilrt/journal";
import type { Configuration } from "./configuration.ts";
import { dataFolders } from "./data-folders.ts";

/** Where the audit of a configuration lies, and what it is signed with: a key that is made at the first start. */
export async function auditKeeper({
  data,
  audit: { anchors, durability },
}: Configuration): Promise<{ readonly directory: string; readonly options: AuditStoreOptions }> {
  const folders = dataFolders(data);
  await mkdir(folders.keys, { recursive: true, mode: 0o700 });
  const signer = await openSigningKey(join(folders.keys, "audit.pem"), "sigil-gateway");
  await writeFile(folders.publicKey, `${signer.vkey}\n`, { mode: 0o600 });
  const sinks = anchors.map((anchor) =>
    "file" in anchor ? fileSink(anchor.file) : commandSink(anchor.command),
  );
  const options = { signer, sinks, durability, covers: matchCapability };
  return { directory: folders.audit, options };
}

/**
 * Opens the audit of a data folder. What decisions are made under is on record before any of them.
 *
 * @throws AuditError `LOCKED` while another gateway holds the folder, `NOT_VERIFIED`, `IO`
 */
export async function openAudit(configuration: Configuration): Promise<EmbeddedAuditStore> {
  const { directory, options } = await auditKeeper(configuration);
  const store = await openAuditStore(directory, options);
  const act = { action: "config.changed", actor: "system:gateway", result: "ok" } as const;
  await store.append([{ ...act, reason: "ok", detail: { sha256: configuration.digest } }]);
  return store;
}
