import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { commandSink, type EmbeddedAuditStore, fileSink, openAuditStore } from "@sigilrt/audit";
import { matchCapability } from "@sigilrt/capability";
import { openSigningKey } from "@sigilrt/journal";
import type { Configuration } from "./configuration.ts";
import { dataFolders } from "./data-folders.ts";

/**
 * Opens the audit of a data folder, with a signing key that is made at the first start. What decisions are made under is on record
 * before any of them.
 *
 * @throws AuditError `LOCKED` while another gateway holds the folder, `NOT_VERIFIED`, `IO`
 */
export async function openAudit({
  data,
  digest,
  audit: { anchors, durability },
}: Configuration): Promise<EmbeddedAuditStore> {
  const folders = dataFolders(data);
  await mkdir(folders.keys, { recursive: true, mode: 0o700 });
  const signer = await openSigningKey(join(folders.keys, "audit.pem"), "sigil-gateway");
  await writeFile(folders.publicKey, `${signer.vkey}\n`, { mode: 0o600 });
  const store = await openAuditStore(folders.audit, {
    signer,
    sinks: anchors.map((anchor) =>
      "file" in anchor ? fileSink(anchor.file) : commandSink(anchor.command),
    ),
    durability,
    covers: matchCapability,
  });
  const act = { action: "config.changed", actor: "system:gateway", result: "ok" } as const;
  await store.append([{ ...act, reason: "ok", detail: { sha256: digest } }]);
  return store;
}
