import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ActReport, SecretChange, SecretStanding } from "@sigilrt/cli";
import type { AuditStore } from "@sigilrt/enforcer";
import { parseManifest } from "@sigilrt/manifest";
import { runOnRecord } from "../admin/on-record.ts";
import type { Configuration } from "../configuration.ts";
import { SecretError } from "./secret-error.ts";
import type { SecretStore } from "./secret-store.ts";

export type { SecretChange, SecretStanding } from "@sigilrt/cli";

/** What an operator can do to the secrets of a configuration. Nothing hands a value back. */
export interface SecretDesk {
  /** Every declared secret of every listed plugin, and every one that is kept and declared no more. */
  list(): Promise<readonly SecretStanding[]>;
  /**
   * Sets or removes a secret, on record before its effect. Rejects with what the store of records threw; then nothing was done.
   *
   * @param renew - gives the plugin's instances the change; answers what it came to, or nothing where none runs
   */
  change(
    change: SecretChange,
    recorder: { readonly audit: Pick<AuditStore, "append">; readonly actor: string },
    renew: (plugin: string) => Promise<ActReport | undefined>,
  ): Promise<ActReport>;
}

/** The desk over the plugins that a configuration lists. */
export function secretDesk(
  { plugins }: Pick<Configuration, "plugins">,
  store: SecretStore,
): SecretDesk {
  const declaredBy = async (plugin: string): Promise<readonly Declared[]> => {
    const folder = plugins.get(plugin)?.path;
    if (folder === undefined) {
      throw new SecretError(
        `Cannot keep a secret of "${plugin}": gateway.yaml lists no such plugin`,
      );
    }
    return parseManifest(await readFile(join(folder, "plugin.yaml"))).secrets;
  };
  return {
    async list() {
      const each = [...plugins.keys()].toSorted().map(async (plugin) => {
        // A plugin whose manifest cannot be read is refused elsewhere; what is kept for it is shown all the same.
        const declared = await declaredBy(plugin).catch(() => []);
        return standings(plugin, declared, await store.list(plugin));
      });
      return (await Promise.all(each)).flat();
    },
    async change({ plugin, name, value }, recorder, renew) {
      const declared = await declaredBy(plugin);
      const isRemoval = value === undefined;
      if (!isRemoval && !declared.some((secret) => secret.name === name)) {
        const names = declared.map((secret) => secret.name).join(", ") || "none";
        const state = `"${plugin}" declares no secret of this name; it declares ${names}`;
        throw new SecretError(`Cannot set secret "${name.slice(0, 64)}": ${state}`);
      }
      const act = isRemoval ? "secret.remove" : "secret.set";
      return runOnRecord(recorder, { plugin, act, detail: { secret: name } }, async () => {
        try {
          if (!isRemoval) await store.set({ plugin, name }, value);
          else if (!(await store.remove({ plugin, name }))) {
            return { plugin, outcome: "unchanged", message: `There was no secret "${name}"` };
          }
        } catch (error) {
          return refused(plugin, "SECRET_REFUSED", error);
        }
        try {
          return (await renew(plugin)) ?? { plugin, outcome: "unchanged" };
        } catch (error) {
          const { message = "", ...report } = refused(plugin, "START_FAILED", error);
          return { ...report, message: `The secret is ${isRemoval ? "gone" : "set"}. ${message}` };
        }
      });
    },
  };
}

interface Declared {
  readonly name: string;
  readonly env?: string;
  readonly required: boolean;
}

function standings(
  plugin: string,
  declared: readonly Declared[],
  kept: readonly { readonly name: string; readonly set: string }[],
): readonly SecretStanding[] {
  const since = new Map(kept.map(({ name, set }) => [name, set]));
  const known = declared.map(({ name, env, required }) => {
    const set = since.get(name);
    return {
      plugin,
      name,
      declared: true,
      required,
      ...(env === undefined ? {} : { env }),
      ...(set === undefined ? {} : { set }),
    };
  });
  const others = kept.filter(({ name }) => !declared.some((secret) => secret.name === name));
  return [
    ...known,
    ...others.map(({ name, set }) => ({ plugin, name, set, declared: false, required: false })),
  ];
}

function refused(plugin: string, code: string, error: unknown): ActReport {
  const message = error instanceof Error ? error.message : "unknown failure";
  return { plugin, outcome: "refused", code, message };
}
