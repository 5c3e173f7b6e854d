import type { Tell } from "./events.ts";
import type { Generation } from "./generation.ts";
import type { DiscoveryReport } from "./report.ts";

/** Tells what a look at the folders came to. */
export function tellOfDiscovery(report: DiscoveryReport, before: Generation, tell: Tell): void {
  for (const { rejection } of report.skipped) tell("plugin.skipped", { reason: rejection.kind });
  for (const { plugin, code, rejection } of report.rejected) {
    tell("plugin.rejected", { plugin, reason: rejection?.kind ?? code });
  }
  for (const { plugin, digest } of report.awaitingConsent) {
    tell("plugin.awaiting_consent", { plugin, digest });
  }
  if (!report.published) return;
  for (const { plugin, digest } of report.admitted) {
    const known = before.plugins.get(plugin);
    if (!known) tell("plugin.discovered", { plugin, digest });
    if (known?.tree.digest !== digest) tell("plugin.admitted", { plugin, digest });
  }
  tell("generation.published", { generation: report.generation });
}
