import type { PluginStore, Surface } from "@sigilrt/integrity";
import { createRestartPolicy, type ExitReport, type RestartPolicy } from "@sigilrt/lifecycle";
import type { Principal } from "./call.ts";
import type { Tell } from "./events.ts";
import { ManagerError } from "./manager-error.ts";
import type { Settings } from "./options.ts";
import { type StartedInstance, startInstance } from "./start.ts";
import { createTurnstile, type Turnstile } from "./turnstile.ts";
import type { AdmittedPlugin } from "./verify.ts";

/** The use of an instance for one call. */
export interface Lease {
  readonly started: StartedInstance;
  /** Gives it back; once. */
  release(): void;
}

/** Why there is no instance to use. */
export type NoLease =
  | { readonly reason: "overloaded" | "crashed" | "quarantined" | "reloading" }
  | { readonly reason: "refused"; readonly error: ManagerError };

/** For whom an instance runs. */
export type InstanceOwner = Pick<Principal, "workspace" | "user">;

/** What is known of the bytes of one plugin beyond its instances. */
interface Record {
  readonly policy: RestartPolicy;
  notBefore: number;
  quarantined: boolean;
  /** What they showed when they first ran. */
  surface: Surface | undefined;
  /** Why they are not started again until somebody changes something. */
  refusal: ManagerError | undefined;
  lastFailure: string | undefined;
}

interface Slot {
  readonly plugin: AdmittedPlugin;
  readonly owner: InstanceOwner;
  readonly turnstile: Turnstile;
  readonly starting: Promise<StartedInstance>;
  started: StartedInstance | undefined;
  closing: Promise<void> | undefined;
}

/** Digests of one plugin whose crashes and surfaces are remembered. */
const MOST_DIGESTS = 16;

/** Runs instances: one for each plugin, digest and scope, started once however many ask, started anew after a crash. */
export class Instances {
  readonly #settings: Settings;
  readonly #store: PluginStore;
  readonly #tell: Tell;
  readonly #slots = new Map<string, Slot>();
  /** By plugin, then by digest, least recently used first. */
  readonly #records = new Map<string, Map<string, Record>>();
  readonly #epochs = new Map<string, number>();
  readonly #over = new AbortController();

  constructor(settings: Settings, store: PluginStore, tell: Tell) {
    this.#settings = settings;
    this.#store = store;
    this.#tell = tell;
  }

  /** Hands out an instance for a call, starting one when there is none. Rejects only with the signal's reason. */
  async acquire(
    plugin: AdmittedPlugin,
    owner: InstanceOwner,
    signal: AbortSignal,
  ): Promise<Lease | NoLease> {
    // A call that comes late must not start what was stopped.
    signal.throwIfAborted();
    const record = this.#record(plugin);
    if (record.quarantined) return { reason: "quarantined" };
    if (record.refusal) return { reason: "refused", error: record.refusal };
    const slot = await this.#slot(plugin, owner, record, signal);
    if ("reason" in slot) return slot;
    if (!(await slot.turnstile.enter(signal))) return { reason: "overloaded" };
    try {
      const started = await waitFor(slot.starting, signal);
      if (slot.closing) throw new ManagerError("CLOSED", "Cannot use an instance: it is closing");
      return { started, release: () => slot.turnstile.leave() };
    } catch (error) {
      slot.turnstile.leave();
      signal.throwIfAborted();
      if (error instanceof ManagerError && error.code === "CLOSED") return { reason: "reloading" };
      if (error instanceof ManagerError) return { reason: "refused", error };
      throw error;
    }
  }

  /** The surface that the bytes of a plugin showed, once they ran. */
  surface(plugin: AdmittedPlugin): Surface | undefined {
    return this.#records.get(plugin.manifest.name)?.get(plugin.tree.digest)?.surface;
  }

  /** The state of the newest instance of a plugin, and why it is not running. */
  describe(plugin: AdmittedPlugin): {
    readonly state: string;
    readonly reason: string | undefined;
  } {
    const record = this.#records.get(plugin.manifest.name)?.get(plugin.tree.digest);
    const slots = [...this.#slots.values()].filter((slot) => isSame(slot.plugin, plugin));
    const started = slots.findLast((slot) => slot.started)?.started;
    if (record?.quarantined)
      return { state: "error", reason: "quarantined after too many crashes" };
    if (started) return { state: started.instance.state, reason: undefined };
    if (slots.length > 0) return { state: "loading", reason: undefined };
    return { state: "discovered", reason: record?.lastFailure };
  }

  /** For whom the bytes of a plugin run now. */
  owners(plugin: AdmittedPlugin): readonly InstanceOwner[] {
    const slots = [...this.#slots.values()].filter((slot) => isSame(slot.plugin, plugin));
    return slots.map(({ owner }) => owner);
  }

  /** Lets bytes that were refused be tried again. */
  forgetRefusal(plugin: AdmittedPlugin): void {
    this.#record(plugin).refusal = undefined;
  }

  /** Lets a quarantined plugin start again. */
  clearQuarantine(plugin: AdmittedPlugin): void {
    const record = this.#record(plugin);
    record.policy.clear();
    record.quarantined = false;
    record.notBefore = 0;
  }

  /** Closes the instances for which `isOver` holds: after their calls or the manifest's grace, or at once where the calls were drained. */
  async closeWhere(
    isOver: (plugin: AdmittedPlugin) => boolean,
    calls: "running" | "drained" = "running",
  ): Promise<void> {
    const over = [...this.#slots].filter(([, { plugin }]) => isOver(plugin));
    await Promise.all(over.map(([key, slot]) => this.#close(key, slot, calls)));
  }

  /** Closes everything and starts nothing more. */
  async close(): Promise<void> {
    this.#over.abort(new ManagerError("CLOSED", "Cannot start a plugin: the manager is closed"));
    await this.closeWhere(() => true);
  }

  async #slot(
    plugin: AdmittedPlugin,
    owner: InstanceOwner,
    record: Record,
    signal: AbortSignal,
  ): Promise<Slot | NoLease> {
    const { name, lifecycle } = plugin.manifest;
    const key = JSON.stringify([name, plugin.tree.digest, ...scopeOf(lifecycle.scope, owner)]);
    const known = this.#slots.get(key);
    if (known) return known;
    const delay = record.notBefore - this.#settings.clock.now();
    if (delay > 0) {
      await this.#settings.clock.sleep(delay, signal);
      return this.#slot(plugin, owner, record, signal);
    }
    if (record.quarantined) return { reason: "quarantined" };
    if (this.#slots.size >= this.#settings.limits.maxInstances) return { reason: "overloaded" };
    return this.#open(key, plugin, owner, record);
  }

  #open(key: string, plugin: AdmittedPlugin, owner: InstanceOwner, record: Record): Slot {
    const { manifest } = plugin;
    const { queue, queueMs } = this.#settings.limits;
    const epoch = (this.#epochs.get(manifest.name) ?? 0) + 1;
    this.#epochs.set(manifest.name, epoch);
    const scope = scopeOf(manifest.lifecycle.scope, owner);
    this.#tell("plugin.starting", { ...named(plugin), epoch });
    const [workspace, user] = scope;
    const start = startInstance(
      plugin,
      {
        epoch,
        ...(workspace === undefined ? {} : { workspace }),
        ...(user === undefined ? {} : { user }),
      },
      this.#settings,
      this.#store,
      record.surface,
      this.#over.signal,
    );
    const { concurrency } = manifest.resources;
    const slot: Slot = {
      plugin,
      owner,
      turnstile: createTurnstile(concurrency, queue, queueMs, this.#settings.clock),
      starting: start,
      started: undefined,
      closing: undefined,
    };
    this.#slots.set(key, slot);
    start.then(
      (started) => this.#watch(key, slot, started, record),
      (error: unknown) => this.#failed(key, slot, error, record),
    );
    return slot;
  }

  #watch(key: string, slot: Slot, started: StartedInstance, record: Record): void {
    slot.started = started;
    record.surface = started.surface;
    const facts = { ...named(slot.plugin), epoch: started.instance.identity.epoch };
    this.#tell("instance.opened", facts);
    this.#tell("plugin.running", facts);
    record.lastFailure = undefined;
    void started.running.exited.then((report) => this.#exited(key, slot, started, report, record));
  }

  #exited(
    key: string,
    slot: Slot,
    { instance, runningSince }: StartedInstance,
    report: ExitReport,
    record: Record,
  ): void {
    if (this.#slots.get(key) === slot) this.#slots.delete(key);
    // An instance that was asked to leave may leave; one that only finishes its calls may not.
    if (instance.state === "stopping") return;
    instance.transitionTo("error", { reason: report.cause });
    record.lastFailure = `it ended by itself: ${describeExit(report)}`;
    const facts = { ...named(slot.plugin), epoch: instance.identity.epoch, reason: report.cause };
    this.#tell("plugin.crashed", facts);
    this.#tell("instance.closed", facts);
    this.#countCrash(slot.plugin, record, runningSince);
    this.#recordStop(slot.plugin, "failed", report.cause);
  }

  #failed(key: string, slot: Slot, error: unknown, record: Record): void {
    if (this.#slots.get(key) === slot) this.#slots.delete(key);
    if (this.#over.signal.aborted || !(error instanceof ManagerError)) return;
    record.lastFailure = error.message;
    // A start that was tried counts as a crash; any other refusal stands until somebody changes something.
    const facts = { ...named(slot.plugin), reason: error.code };
    if (error.code === "SURFACE_CHANGED") this.#tell("surface.changed", facts);
    if (error.code !== "START_FAILED") {
      record.refusal = error;
      return;
    }
    this.#tell("plugin.crashed", facts);
    this.#countCrash(slot.plugin, record);
  }

  #countCrash(plugin: AdmittedPlugin, record: Record, runningSince?: number): void {
    const now = this.#settings.clock.now();
    const decision = record.policy.crashed(now, runningSince);
    if (decision.kind === "quarantine") record.quarantined = true;
    else record.notBefore = now + decision.delayMs;
    const type = decision.kind === "quarantine" ? "plugin.quarantined" : "plugin.restarting";
    this.#tell(type, named(plugin));
  }

  async #close(key: string, slot: Slot, calls: "running" | "drained"): Promise<void> {
    slot.closing ??= this.#drain(key, slot, calls);
    await slot.closing;
  }

  async #drain(key: string, slot: Slot, calls: "running" | "drained"): Promise<void> {
    // Calls that find the slot gone start the next instance.
    if (this.#slots.get(key) === slot) this.#slots.delete(key);
    const started = await slot.starting.catch(() => undefined);
    if (!started) return;
    const { instance, running } = started;
    const { gracefulShutdownTimeoutMs: graceMs } = slot.plugin.manifest.lifecycle;
    if (instance.state !== "running") return;
    instance.transitionTo("draining");
    const facts = { ...named(slot.plugin), epoch: instance.identity.epoch };
    this.#tell("plugin.draining", facts);
    if (calls === "running") await this.#emptied(slot, graceMs);
    // It may have crashed meanwhile, which is its end as well.
    if (hasEnded(instance)) return;
    instance.transitionTo("stopping");
    const report = await running.close({ graceMs });
    instance.transitionTo("stopped", { reason: report.cause });
    this.#tell("plugin.stopped", { ...facts, reason: report.cause });
    this.#tell("instance.closed", { ...facts, reason: report.cause });
    this.#recordStop(slot.plugin, "ok", report.cause);
  }

  /** Resolves when no call is left, or when the grace is over. */
  async #emptied({ turnstile }: Slot, graceMs: number): Promise<void> {
    const { clock } = this.#settings;
    const until = clock.now() + graceMs;
    while (turnstile.inside > 0 && clock.now() < until) {
      // oxlint-disable-next-line no-await-in-loop -- looks again until calls end
      await clock.sleep(Math.min(10, until - clock.now()));
    }
  }

  #recordStop(plugin: AdmittedPlugin, result: "ok" | "failed", reason: string): void {
    const { name } = plugin.manifest;
    const detail = { digest: plugin.tree.digest };
    const record = { action: "plugin.stopped", actor: "system:manager", plugin: name } as const;
    // The plugin is gone whether or not this is recorded; a store that fails shows it in its own health.
    this.#settings.audit.append([{ ...record, result, reason, detail }]).catch(() => undefined);
  }

  #record({ manifest: { name }, tree: { digest } }: AdmittedPlugin): Record {
    const ofPlugin = this.#records.get(name) ?? new Map<string, Record>();
    this.#records.set(name, ofPlugin);
    const record = ofPlugin.get(digest) ?? {
      policy: createRestartPolicy({ ...this.#settings.restart, random: this.#settings.random }),
      notBefore: 0,
      quarantined: false,
      surface: undefined,
      refusal: undefined,
      lastFailure: undefined,
    };
    ofPlugin.delete(digest);
    ofPlugin.set(digest, record);
    const [oldest] = ofPlugin.keys();
    if (ofPlugin.size > MOST_DIGESTS && oldest !== undefined) ofPlugin.delete(oldest);
    return record;
  }
}

/** Whether two are the same bytes of the same plugin, whoever agreed to them. */
const isSame = (one: AdmittedPlugin, other: AdmittedPlugin): boolean =>
  one.manifest.name === other.manifest.name && one.tree.digest === other.tree.digest;

const named = ({ manifest, tree }: AdmittedPlugin): { plugin: string; digest: string } => ({
  plugin: manifest.name,
  digest: tree.digest,
});

const hasEnded = ({ state }: StartedInstance["instance"]): boolean => state === "error";

function scopeOf(
  scope: "user" | "workspace" | "shared",
  { workspace, user }: Pick<Principal, "workspace" | "user">,
): readonly string[] {
  switch (scope) {
    case "user":
      return [workspace, user];
    case "workspace":
      return [workspace];
    case "shared":
      return [];
    default:
      return scope satisfies never;
  }
}

async function waitFor<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

const describeExit = ({ cause, code, signal }: ExitReport): string =>
  [cause, code === undefined ? "" : `code ${code}`, signal ?? ""].filter(Boolean).join(", ");
