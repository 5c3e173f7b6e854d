import type { PluginStore } from "@sigilrt/integrity";
import type { ExitReport, Health } from "@sigilrt/lifecycle";
import type { Tell } from "./events.ts";
import { type InstanceOwner, named, scopeOf } from "./instance-key.ts";
import type { InstanceRecord, InstanceRecords } from "./instance-records.ts";
import { ManagerError } from "./manager-error.ts";
import type { Settings } from "./options.ts";
import { checkedSurface, type StartedInstance, startInstance } from "./start.ts";
import type { AdmittedPlugin } from "./verify.ts";
import { WakeUp } from "./wake-up.ts";
import { watchHealth } from "./watch-health.ts";

/** What every instance of a manager stands on. */
export interface InstanceGround {
  readonly settings: Settings;
  readonly store: PluginStore;
  readonly tell: Tell;
  readonly records: InstanceRecords;
  /** Aborts when nothing more is started. */
  readonly over: AbortSignal;
}

/** Which instance it is, and who hears of it. */
export interface InstanceSlotOptions {
  readonly plugin: AdmittedPlugin;
  readonly owner: InstanceOwner;
  readonly epoch: number;
  /** Which of the pool's instances, from 0. */
  readonly slot: number;
  /** Whether something runs that depends on the plugin. */
  readonly isNeeded: () => boolean;
  /** It takes calls. */
  readonly onRunning: () => void;
  /** It takes no more calls; `isGone` once nothing of it is left. */
  readonly onEnd: (isGone: boolean) => void;
}

/** One instance from its start to its end, with the calls that use it. It has one owner, and its end is reported once. */
export class InstanceSlot {
  readonly plugin: AdmittedPlugin;
  readonly owner: InstanceOwner;
  readonly slot: number;
  /** Rejects with a {@link ManagerError} when it does not start. */
  readonly starting: Promise<StartedInstance>;
  started: StartedInstance | undefined;
  /** Calls that use it, or wait for its start. */
  inside = 0;
  /** Since when nobody uses it, in milliseconds since the epoch. */
  idleSince: number;
  /** It was asked to leave so that another one has room. */
  isDismissed = false;
  readonly #ground: InstanceGround;
  readonly #options: InstanceSlotOptions;
  readonly #record: InstanceRecord;
  readonly #idle: WakeUp;
  readonly #leaving = new AbortController();
  /** What it last said of itself. */
  health: Health | undefined;
  #closing: Promise<void> | undefined;
  #emptied: (() => void) | undefined;

  constructor(options: InstanceSlotOptions, ground: InstanceGround) {
    const { plugin, owner, epoch, slot } = options;
    this.plugin = plugin;
    this.owner = owner;
    this.slot = slot;
    this.#options = options;
    this.#ground = ground;
    this.#record = ground.records.of(plugin);
    this.idleSince = ground.settings.clock.now();
    this.#idle = new WakeUp(ground.settings.clock);
    ground.tell("plugin.starting", { ...named(plugin), epoch });
    const [workspace, user] = scopeOf(plugin.manifest.lifecycle.scope, owner);
    const key = {
      epoch,
      slot,
      ...(workspace === undefined ? {} : { workspace }),
      ...(user === undefined ? {} : { user }),
    };
    const { settings, store, over } = ground;
    this.starting = startInstance(plugin, key, settings, store, this.#record.surface, over);
    this.starting.then(
      (started) => this.#run(started),
      (error: unknown) => this.#fail(error),
    );
  }

  /** Whether it was asked to leave. */
  get isClosing(): boolean {
    return this.#closing !== undefined;
  }

  /** Gives a place back. */
  leave(): void {
    this.inside -= 1;
    if (this.inside > 0) return;
    this.idleSince = this.#ground.settings.clock.now();
    this.#emptied?.();
  }

  /** Stops it once its calls have ended, which may take `graceMs`, and `others` have settled. Resolves when nothing of it is left; closing twice is closing once. */
  close(graceMs: number, others?: Promise<unknown>): Promise<void> {
    this.#closing ??= this.#close(graceMs, others);
    return this.#closing;
  }

  #run(started: StartedInstance): void {
    const { tell } = this.#ground;
    this.started = started;
    this.#record.surface = started.surface;
    this.#ground.records.restarted(this.plugin, this.#record, "ok");
    this.#record.lastFailure = undefined;
    this.#record.lastFault = undefined;
    const facts = this.#facts();
    tell("instance.opened", facts);
    tell("plugin.running", facts);
    void started.running.exited.then((report) => this.#exited(started, report));
    started.notices.listen(() => this.#lookAgain(started));
    this.idleSince = this.#ground.settings.clock.now();
    this.#stopWhenIdle();
    const { clock } = this.#ground.settings;
    void watchHealth(started.running, this.plugin.manifest.health, clock, this.#leaving.signal, {
      onAnswer: (health) => this.#hear(health),
      onDead: ({ message }) => this.#giveUp(started, `it failed its health checks: ${message}`),
    });
    this.#options.onRunning();
  }

  /** Tools that are not the approved ones any more are a rug pull: nothing of the plugin is called until a person has looked. */
  async #lookAgain({ instance, running, surface }: StartedInstance): Promise<void> {
    if (instance.state !== "running") return;
    const { tell } = this.#ground;
    try {
      await checkedSurface(this.plugin, running, surface, this.#leaving.signal);
    } catch (error) {
      // An instance that does not answer is its health check's business.
      if (!(error instanceof ManagerError)) return;
      this.#record.lastFailure = error.message;
      this.#record.refusal = error;
      tell("surface.changed", { ...this.#facts(), reason: error.code });
      void this.close(this.plugin.manifest.lifecycle.gracefulShutdownTimeoutMs);
    }
  }

  /** One sleeper for the whole life: it looks how long the instance has been idle, and sleeps for the rest. */
  #stopWhenIdle(): void {
    const { idleStopMs } = this.plugin.manifest.lifecycle;
    if (idleStopMs === 0) return;
    const { clock } = this.#ground.settings;
    this.#idle.schedule(this.idleSince + idleStopMs, () => {
      const isUsed = this.inside > 0 || this.#options.isNeeded();
      if (isUsed) this.idleSince = clock.now();
      if (clock.now() - this.idleSince >= idleStopMs) void this.close(0);
      else this.#stopWhenIdle();
    });
  }

  #exited({ instance, runningSince }: StartedInstance, report: ExitReport): void {
    // An instance that was asked to leave may leave; one that only finishes its calls may not.
    if (instance.state === "stopping" || hasEnded(instance)) return;
    this.#crash(
      instance,
      runningSince,
      report.cause,
      `it ended by itself: ${describeExit(report)}`,
    );
    this.#options.onEnd(true);
    this.#emptied?.();
  }

  #hear(health: Health): void {
    const isNews = health.status === "degraded" && this.health?.status !== "degraded";
    this.health = health;
    if (isNews) this.#ground.tell("plugin.degraded", this.#facts());
  }

  /** A plugin that does not answer for itself is a crash, whatever its process does. */
  #giveUp({ instance, running, runningSince }: StartedInstance, failure: string): void {
    if (instance.state !== "running") return;
    this.#crash(instance, runningSince, "unhealthy", failure);
    this.#options.onEnd(false);
    this.#closing ??= running.close({ graceMs: 0 }).then(() => this.#options.onEnd(true));
  }

  #crash(
    instance: StartedInstance["instance"],
    runningSince: number,
    reason: string,
    failure: string,
  ): void {
    this.#leaving.abort();
    this.#idle.cancel();
    instance.transitionTo("error", { reason });
    this.#record.lastFailure = failure;
    const facts = { ...this.#facts(), reason };
    this.#ground.tell("plugin.crashed", facts);
    this.#ground.tell("instance.closed", facts);
    this.#ground.records.crashed(this.plugin, this.#record, runningSince);
    this.#ground.records.stopped(this.plugin, "failed", reason);
  }

  #fail(error: unknown): void {
    const { over, tell, records } = this.#ground;
    if (!over.aborted && error instanceof ManagerError) {
      this.#record.lastFailure = error.message;
      records.restarted(this.plugin, this.#record, "failed");
      const facts = { ...named(this.plugin), reason: error.code };
      if (error.code === "SURFACE_CHANGED") tell("surface.changed", facts);
      // A start that was tried counts as a crash; any other refusal stands until somebody changes something.
      if (error.code === "START_FAILED") {
        tell("plugin.crashed", facts);
        records.crashed(this.plugin, this.#record);
      } else this.#record.refusal = error;
    }
    this.#options.onEnd(true);
  }

  async #close(graceMs: number, others: Promise<unknown> | undefined): Promise<void> {
    const { tell } = this.#ground;
    this.#leaving.abort();
    this.#idle.cancel();
    // Calls that find it gone start the next instance.
    this.#options.onEnd(false);
    const started = await this.starting.catch(() => undefined);
    if (!started) return;
    const { instance, running } = started;
    // It may have crashed already, which is its end as well.
    if (instance.state !== "running") return;
    instance.transitionTo("draining");
    const facts = this.#facts();
    tell("plugin.draining", facts);
    if (this.inside > 0 && graceMs > 0) await this.#empty(graceMs);
    await others;
    if (hasEnded(instance)) return;
    instance.transitionTo("stopping");
    const { gracefulShutdownTimeoutMs } = this.plugin.manifest.lifecycle;
    const { cause: reason } = await running.close({ graceMs: gracefulShutdownTimeoutMs });
    instance.transitionTo("stopped", { reason });
    tell("plugin.stopped", { ...facts, reason });
    tell("instance.closed", { ...facts, reason });
    this.#ground.records.stopped(this.plugin, "ok", reason);
    this.#options.onEnd(true);
  }

  /** Resolves when no call is left, when it crashed, or when the grace is over. */
  async #empty(graceMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const over = new AbortController();
    this.#emptied = resolve;
    if (graceMs < Number.POSITIVE_INFINITY) {
      this.#ground.settings.clock.sleep(graceMs, over.signal).then(resolve, resolve);
    }
    await promise;
    over.abort();
  }

  #facts(): ReturnType<typeof named> {
    return { ...named(this.plugin), epoch: this.#options.epoch };
  }
}

const hasEnded = ({ state }: StartedInstance["instance"]): boolean => state === "error";

const describeExit = ({ cause, code, signal }: ExitReport): string =>
  [cause, code === undefined ? "" : `code ${code}`, signal ?? ""].filter(Boolean).join(", ");
