import type { Settings } from "./options.ts";
import type { ReloadOutcome } from "./reload-outcome.ts";

/** Counts a reload or a rollback once it has ended, and passes it on. */
export async function observeReload(
  plugin: string,
  { telemetry }: Settings,
  replacing: Promise<ReloadOutcome>,
): Promise<ReloadOutcome> {
  const span = telemetry.begin("plugin.reload", { plugin });
  let outcome: ReloadOutcome["kind"] | "failed" = "failed";
  try {
    const replaced = await replacing;
    outcome = replaced.kind;
    return replaced;
  } finally {
    telemetry.reloads.add(1, { plugin, outcome });
    const isGood = outcome === "replaced" || outcome === "unchanged";
    span.end({ outcome }, isGood ? undefined : "failed");
  }
}
