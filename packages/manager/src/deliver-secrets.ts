import type { StartSpec } from "@sigilrt/lifecycle";
import type { DeclaredSecret, Manifest } from "@sigilrt/manifest";
import { ManagerError } from "./manager-error.ts";

/** Supplies the values of secrets that plugins declare. */
export interface SecretSource {
  /**
   * Answers the values of one plugin's secrets by name, and leaves out those that nobody supplied. It is asked at each start, for declared
   * names alone; whatever else it answers is not passed on. When it rejects, the plugin does not start.
   */
  resolve(
    plugin: string,
    names: readonly string[],
    options: {
      /** Ends the start. */
      readonly signal: AbortSignal;
    },
  ): Promise<Readonly<Record<string, string>>>;
}

/** Adapters that have no way for a secret but a variable, and the one that has not even this. */
const ways: Readonly<Record<string, "environment" | "none">> = {
  "mcp-stdio": "environment",
  module: "none",
};

/** Why the secrets of a plugin could not reach it, whatever their values; `undefined` when they can. */
export function secretObstacle(
  { adapter, secrets }: Pick<Manifest, "adapter" | "secrets">,
  source: SecretSource | undefined,
): string | undefined {
  const way = Object.hasOwn(ways, adapter) ? ways[adapter] : undefined;
  const lost = secrets.find(({ env }) => way === "none" || (way === "environment" && !env));
  if (lost) {
    const reason = way === "none" ? "takes no secrets" : "needs it to name a variable (env)";
    return `its secret "${lost.name}" cannot reach it: adapter ${adapter} ${reason}`;
  }
  const needed = secrets.find(({ required }) => required);
  return needed && !source
    ? `it needs the secret "${needed.name}", and no source of secrets is configured`
    : undefined;
}

/**
 * Adds the values of declared secrets to what a host is told: those with a variable to the environment, others by name.
 *
 * @throws {@link ManagerError} `START_FAILED` when nobody supplied one that is required, or the source does not answer
 */
export async function withSecrets(
  spec: StartSpec,
  { name, secrets }: Pick<Manifest, "name" | "secrets">,
  source: SecretSource | undefined,
  signal: AbortSignal,
): Promise<StartSpec> {
  if (secrets.length === 0 || !source) return spec;
  const found = await resolved(name, secrets, source, signal);
  const supplied = secrets.flatMap((secret) => {
    const value = Object.hasOwn(found, secret.name) ? found[secret.name] : undefined;
    if (value !== undefined) return [{ secret, value }];
    if (!secret.required) return [];
    throw failure(name, `nobody supplied its secret "${secret.name}"; set it, then start it again`);
  });
  const inEnvironment = supplied.flatMap(({ secret, value }) =>
    secret.env === undefined ? [] : [[secret.env, value] as const],
  );
  const byName = supplied.flatMap(({ secret, value }) =>
    secret.env === undefined ? [[secret.name, value] as const] : [],
  );
  return {
    ...spec,
    environment: { ...spec.environment, ...Object.fromEntries(inEnvironment) },
    secrets: Object.fromEntries(byName),
  };
}

/** Stands in for secrets where a plugin is looked at that nobody has agreed to: many do not start without any. */
export const standIns: SecretSource = {
  resolve: async (_plugin, names) =>
    Object.fromEntries(names.map((name) => [name, "sigil-review-no-secret"])),
};

async function resolved(
  plugin: string,
  secrets: readonly DeclaredSecret[],
  source: SecretSource,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const names = secrets.map(({ name }) => name);
  try {
    return await source.resolve(plugin, names, { signal });
  } catch (cause) {
    const state = cause instanceof Error ? cause.message : "unknown failure";
    throw failure(plugin, `its secrets cannot be had: ${state}`, cause);
  }
}

const failure = (plugin: string, state: string, cause?: unknown): ManagerError =>
  new ManagerError("START_FAILED", `Cannot start "${plugin}": ${state}`, { plugin, cause });
