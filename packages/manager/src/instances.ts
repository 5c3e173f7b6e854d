import type { PluginStore, Surface } from "@sigilrt/integrity";
import { closeInOrder } from "./close-in-order.ts";
import { describeInstances, type InstanceState } from "./describe-instances.ts";
import type { Tell } from "./events.ts";
import { InstanceCapacity } from "./instance-capacity.ts";
import { type InstanceOwner, isSame, poolKey } from "./instance-key.ts";
import { InstancePool } from "./instance-pool.ts";
import type { Lease, NoLease } from "./lease.ts";
import { InstanceRecords } from "./instance-records.ts";
import type { InstanceGround } from "./instance-slot.ts";
import { ManagerError } from "./manager-error.ts";
import type { Settings } from "./options.ts";
import { startDependencies } from "./start-dependencies.ts";
import type { AdmittedPlugin } from "./verify.ts";

/** Runs instances: a pool for each plugin, digest and scope, and one bound for all of them. */
export class Instances {
  readonly #ground: InstanceGround;
  readonly #records: InstanceRecords;
  readonly #plugins: () => ReadonlyMap<string, AdmittedPlugin>;
  readonly #capacity: InstanceCapacity;
  readonly #pools = new Map<string, InstancePool>();
  readonly #epochs = new Map<string, number>();
  readonly #over = new AbortController();

  /** `plugins` answers what is admitted now, where a plugin finds what it depends on. */
  constructor(
    settings: Settings,
    store: PluginStore,
    tell: Tell,
    plugins: () => ReadonlyMap<string, AdmittedPlugin>,
  ) {
    this.#plugins = plugins;
    const { maxInstances, queue } = settings.limits;
    this.#records = new InstanceRecords(settings, tell);
    this.#ground = { settings, store, tell, records: this.#records, over: this.#over.signal };
    this.#capacity = new InstanceCapacity(maxInstances, queue, () => this.#pools.values());
  }

  /** Hands out an instance for a call, starting one when there is none, and before it what it depends on. Rejects only with the signal's reason. */
  async acquire(
    plugin: AdmittedPlugin,
    owner: InstanceOwner,
    signal: AbortSignal,
  ): Promise<Lease | NoLease> {
    // A call that comes late must not start what was stopped.
    signal.throwIfAborted();
    const error = await this.#startDependencies(plugin, owner, signal);
    return error ? { reason: "refused", error } : this.#pool(plugin, owner).acquire(plugin, signal);
  }

  /** The surface that the bytes of a plugin showed, once they ran. */
  surface(plugin: AdmittedPlugin): Surface | undefined {
    return this.#records.find(plugin)?.surface;
  }

  /** The state of the newest instance of a plugin, and what is wrong with it. */
  describe(plugin: AdmittedPlugin): InstanceState {
    return describeInstances(plugin, this.#of(plugin), this.#records.find(plugin), this.#plugins());
  }

  /** Keeps what a plugin did against the rules, to be shown. */
  note(plugin: AdmittedPlugin, fault: string): void {
    this.#records.of(plugin).lastFault = fault;
  }

  /** For whom the bytes of a plugin run now. */
  owners(plugin: AdmittedPlugin): readonly InstanceOwner[] {
    const running = this.#of(plugin).filter(({ size }) => size > 0);
    return running.map(({ owner }) => owner);
  }

  /** Lets bytes that were refused be tried again. */
  forgetRefusal(plugin: AdmittedPlugin): void {
    this.#records.of(plugin).refusal = undefined;
  }

  /** Lets a quarantined plugin start again. */
  clearQuarantine(plugin: AdmittedPlugin): void {
    this.#records.clear(plugin);
  }

  /** Closes the instances for which `isOver` holds: after their calls or the manifest's grace, or at once where the calls were drained. */
  async closeWhere(
    isOver: (plugin: AdmittedPlugin) => boolean,
    calls: "running" | "drained" = "running",
  ): Promise<void> {
    const over = [...this.#pools.values()].flatMap(({ all }) =>
      all.filter(({ plugin }) => isOver(plugin)),
    );
    await closeInOrder(over, calls);
  }

  /** Closes everything and starts nothing more. */
  async close(): Promise<void> {
    this.#over.abort(new ManagerError("CLOSED", "Cannot start a plugin: the manager is closed"));
    for (const pool of this.#pools.values()) pool.grow();
    await this.closeWhere(() => true);
  }

  async #startDependencies(
    plugin: AdmittedPlugin,
    owner: InstanceOwner,
    signal: AbortSignal,
  ): Promise<ManagerError | undefined> {
    const isNeedy = Object.keys(plugin.manifest.dependencies).length > 0;
    if (!isNeedy || this.#pools.get(poolKey(plugin, owner))?.isRunning) return undefined;
    const error = await startDependencies(plugin, this.#plugins(), (needed) =>
      this.acquire(needed, owner, signal),
    );
    if (error) this.#records.of(plugin).lastFailure = error.message;
    return error;
  }

  /** Whether something runs that depends on a plugin. */
  #isNeeded(name: string): boolean {
    return [...this.#pools.values()].some(
      (pool) => pool.size > 0 && Object.hasOwn(pool.plugin.manifest.dependencies, name),
    );
  }

  #of(plugin: AdmittedPlugin): readonly InstancePool[] {
    return [...this.#pools.values()].filter((pool) => isSame(pool.plugin, plugin));
  }

  #pool(plugin: AdmittedPlugin, owner: InstanceOwner): InstancePool {
    const key = poolKey(plugin, owner);
    const known = this.#pools.get(key);
    if (known) return known;
    const { name } = plugin.manifest;
    const pool: InstancePool = new InstancePool({
      plugin,
      owner,
      ground: this.#ground,
      capacity: this.#capacity,
      nextEpoch: () => {
        const epoch = (this.#epochs.get(name) ?? 0) + 1;
        this.#epochs.set(name, epoch);
        return epoch;
      },
      isNeeded: () => this.#isNeeded(name),
      onEmpty: () => {
        if (this.#pools.get(key) === pool) this.#pools.delete(key);
      },
    });
    this.#pools.set(key, pool);
    return pool;
  }
}
