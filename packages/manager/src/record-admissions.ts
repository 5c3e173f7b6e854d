import type { Generation } from "./generation.ts";
import type { Settings } from "./options.ts";
import type { RefusedPlugin } from "./verify.ts";

/** Who came in and who was refused is on record before any grant. */
export async function recordAdmissions(
  { audit }: Settings,
  before: Generation,
  after: Generation,
  newlyRefused: readonly RefusedPlugin[],
): Promise<void> {
  const admitted = [...after.plugins]
    .filter(([name, plugin]) => before.plugins.get(name) !== plugin)
    .map(([plugin, { tree, manifest }]) => ({
      action: "plugin.admitted" as const,
      actor: "system:manager",
      plugin,
      result: "ok" as const,
      reason: "ok",
      detail: { digest: tree.digest, version: manifest.version },
    }));
  const refused = newlyRefused.map(({ plugin, code, rejection }) => ({
    action: "plugin.refused" as const,
    actor: "system:manager",
    plugin,
    result: "failed" as const,
    reason: rejection?.kind ?? code,
  }));
  const records = [...admitted, ...refused];
  if (records.length > 0) await audit.append(records);
}
