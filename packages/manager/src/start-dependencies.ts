import { type HeldBack, heldBack } from "./dependencies.ts";
import { ManagerError } from "./manager-error.ts";
import type { Lease, NoLease } from "./lease.ts";
import type { AdmittedPlugin } from "./verify.ts";

/**
 * Starts what a plugin depends on, one after the other, by name. Answers why the plugin may not start: what it needs is not admitted, has
 * another version, or does not run.
 */
export async function startDependencies(
  plugin: AdmittedPlugin,
  plugins: ReadonlyMap<string, AdmittedPlugin>,
  acquire: (needed: AdmittedPlugin) => Promise<Lease | NoLease>,
): Promise<ManagerError | undefined> {
  const { name, dependencies } = plugin.manifest;
  // A version that is tried for a reload is not published yet.
  const held = heldBack(new Map(plugins).set(name, plugin), name);
  if (held) return refuse(name, held);
  for (const needed of Object.keys(dependencies).toSorted()) {
    const found = plugins.get(needed);
    // oxlint-disable-next-line no-await-in-loop -- in their order
    const lease = found && (await acquire(found));
    if (lease && "started" in lease) lease.release();
    else {
      const why = lease?.reason === "refused" ? lease.error.message : (lease?.reason ?? "gone");
      const state = `"${needed}", which it needs, does not run: ${why}`;
      return refuse(name, { code: "DEPENDENCY_MISSING", state });
    }
  }
  return undefined;
}

const refuse = (plugin: string, { code, state }: HeldBack): ManagerError =>
  new ManagerError(code, `Cannot start "${plugin}": ${state}`, { plugin });
