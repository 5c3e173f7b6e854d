import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileSink, openAuditStore, verifyAudit } from "@sigilrt/audit";
import { Enforcer } from "@sigilrt/enforcer";
import { openSigningKey } from "@sigilrt/journal";

const folder = await mkdtemp(join(tmpdir(), "decisions-"));
const signer = await openSigningKey(join(folder, "key.pem"), "example.org/gateway");

// The sink belongs on another disk or machine; without one, a cut tail does not show.
const store = await openAuditStore(join(folder, "audit"), {
  signer,
  sinks: [fileSink(join(folder, "checkpoints"))],
});
const enforcer = new Enforcer(store, Date);
await enforcer.registerPlugin("notes", { allow: ["kv.*"], deny: [] });
for (const capability of ["kv.read", "exec.run"]) {
  const { allowed } = await enforcer.check({
    plugin: "notes",
    capability,
    userId: "ada",
    workspaceId: "home",
    workspaceAllow: ["*"],
    userPermissions: ["*"],
  });
  console.log(capability, allowed);
}
const { records } = await store.query({ actor: "ada" });
console.log(records.map(({ capability, reason }) => `${capability}: ${reason}`));
await store.close();

const verdict = await verifyAudit(join(folder, "audit"));
console.log(verdict.ok ? `${verdict.records} records verify` : verdict.kind);
await rm(folder, { recursive: true });
