import { EnforcerError } from "@sigilrt/enforcer";
import { grantFor } from "./grant-for.ts";
import type { Settings } from "./options.ts";
import type { AdmittedPlugin, AwaitingPlugin, RefusedPlugin } from "./verify.ts";

/** One immutable set of admitted plugins. Listing and calling read the same one. */
export interface Generation {
  readonly number: number;
  readonly plugins: ReadonlyMap<string, AdmittedPlugin>;
  readonly refused: readonly RefusedPlugin[];
  readonly awaiting: readonly AwaitingPlugin[];
}

/** The generation before anything was discovered. */
export const emptyGeneration: Generation = Object.freeze({
  number: 0,
  plugins: new Map<string, AdmittedPlugin>(),
  refused: [],
  awaiting: [],
});

/**
 * The fourth gate: gives every admitted plugin its grant. New and replaced grants come first and `publish` after them, then what
 * left loses its grant, so that between two steps the narrower answer holds.
 *
 * @throws {@link EnforcerError} when a grant cannot be recorded; then nothing is published
 */
export async function register(
  settings: Settings,
  before: Generation,
  after: Generation,
  publish: () => void,
): Promise<void> {
  const done: string[] = [];
  try {
    for (const [name, plugin] of after.plugins) {
      if (before.plugins.get(name) === plugin) continue;
      // oxlint-disable-next-line no-await-in-loop -- each grant is durable before the next
      await giveGrant(settings, name, plugin, before.plugins.has(name));
      if (!before.plugins.has(name)) done.push(name);
    }
  } catch (error) {
    await Promise.all(done.map((name) => settings.enforcer.unregisterPlugin(name)));
    throw error;
  }
  publish();
  const left = [...before.plugins.keys()].filter((name) => !after.plugins.has(name));
  await Promise.all(left.map((name) => settings.enforcer.unregisterPlugin(name)));
}

async function giveGrant(
  { enforcer }: Settings,
  name: string,
  plugin: AdmittedPlugin,
  isKnown: boolean,
): Promise<void> {
  const grant = grantFor(plugin);
  if (!isKnown) {
    await enforcer.registerPlugin(name, grant);
    return;
  }
  try {
    await enforcer.replacePlugin(name, grant);
  } catch (error) {
    if (!(error instanceof EnforcerError) || error.code !== "CONSENT_REQUIRED" || !error.review) {
      throw error;
    }
    // Gate 2 held the record of consent against everything this plugin asks for.
    const { added, undenied } = error.review;
    const consent = { userId: plugin.consent.userId, added, undenied };
    await enforcer.replacePlugin(name, grant, { consent });
  }
}
