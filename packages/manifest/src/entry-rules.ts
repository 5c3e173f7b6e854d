import { errorAt, type Finding } from "./issue.ts";
import { valueAt } from "./shape.ts";
import type { Plain } from "./snapshot.ts";
import { EXECUTION_TIERS, type ExecutionTier, PLUGIN_ADAPTERS } from "./vocabulary.ts";

/** The adapters of each tier; the first is the default. */
export const adaptersOf: Readonly<Record<string, readonly string[]>> = Object.freeze({
  process: ["grpc", "mcp-stdio"],
  wasm: ["component", "module"],
  container: ["grpc", "mcp-stdio"],
});

/** Adapters whose contract serves tools alone. */
const toolsOnly = new Set(["mcp-stdio", "component"]);

/** Tier, adapter, entry and type must fit together. */
export function checkEntry(value: Plain): readonly Finding[] {
  const written = valueAt(value, ["execution", "tier"]);
  const tier = EXECUTION_TIERS.find((known) => known === written);
  const allowed = tier && adaptersOf[tier];
  return [...checkAdapter(value, tier, allowed), ...checkKind(value, tier)];
}

function checkAdapter(
  value: Plain,
  tier: ExecutionTier | undefined,
  allowed: readonly string[] | undefined,
): readonly Finding[] {
  if (tier === undefined || allowed === undefined) return [];
  const type = valueAt(value, ["type"]);
  const given = valueAt(value, ["adapter"]) ?? allowed[0];
  if (typeof given !== "string" || !PLUGIN_ADAPTERS.some((adapter) => adapter === given)) return [];
  if (!allowed.includes(given)) {
    const message = `Cannot run adapter ${given} in tier ${tier}: it takes ${allowed.join(" or ")}`;
    return [errorAt(["adapter"], "adapter.mismatch", message)];
  }
  if (toolsOnly.has(given) && (type === "channel" || type === "provider")) {
    const message = `Cannot serve a ${type} over adapter ${given}: it takes tool or skill`;
    return [errorAt(["adapter"], "adapter.mismatch", message)];
  }
  return [];
}

function checkKind(value: Plain, tier: ExecutionTier | undefined): readonly Finding[] {
  const entry = valueAt(value, ["entry"]);
  if (typeof entry !== "object" || entry === null) return [];
  const hasCommand = (valueAt(entry, ["command"]) ?? null) !== null;
  const hasModule = (valueAt(entry, ["module"]) ?? null) !== null;
  if (hasCommand && hasModule) {
    return [
      errorAt(["entry"], "entry.both", "Cannot start from command and module: write one of them"),
    ];
  }
  const needed = tier === "wasm" ? "module" : "command";
  const present = tier === "wasm" ? hasModule : hasCommand;
  // The image of a container has an entry point of its own.
  const optional = tier === "container" && !hasModule;
  if (tier === undefined || present || optional) return [];
  const message = `Cannot start tier ${tier}: entry needs ${needed}`;
  return [errorAt(["entry"], "entry.missing-kind", message)];
}
