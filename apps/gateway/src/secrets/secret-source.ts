import type { SecretSource } from "@sigilrt/manager";
import type { Redaction } from "./redaction.ts";
import type { SecretStore } from "./secret-store.ts";

/** Hands the kept values to the manager, each known to the redaction before a plugin can have it. */
export const secretSource = (
  store: Pick<SecretStore, "resolve">,
  redaction: Pick<Redaction, "learn">,
): SecretSource => ({
  async resolve(plugin, names) {
    const values = await store.resolve(plugin, names);
    redaction.learn(plugin, Object.values(values));
    return values;
  },
});
