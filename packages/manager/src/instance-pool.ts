import { isUp, leastLoaded, longestIdle } from "./choose-slot.ts";
import type { Claimant, InstanceCapacity } from "./instance-capacity.ts";
import type { InstanceOwner } from "./instance-key.ts";
import type { InstanceRecord } from "./instance-records.ts";
import { type InstanceGround, InstanceSlot } from "./instance-slot.ts";
import { ManagerError } from "./manager-error.ts";
import { lateAnswer, type Lease, type NoLease, refusalBy } from "./lease.ts";
import type { StartedInstance } from "./start.ts";
import type { AdmittedPlugin } from "./verify.ts";
import { waitFor } from "./wait-for.ts";
import { WaitingLine } from "./waiting-line.ts";
import { WakeUp } from "./wake-up.ts";

/** What a pool is made of. */
export interface InstancePoolOptions {
  readonly plugin: AdmittedPlugin;
  readonly owner: InstanceOwner;
  readonly ground: InstanceGround;
  readonly capacity: InstanceCapacity;
  /** Counts the instances of the plugin. */
  readonly nextEpoch: () => number;
  /** Whether something runs that depends on the plugin. */
  readonly isNeeded: () => boolean;
  /** Neither an instance nor a caller is left. */
  readonly onEmpty: () => void;
}

/** A line that an instance has just begun to serve may be short-lived: one more instance is not started before this is over. */
const PAUSE_MS = 50;

/**
 * The instances of one key. One is started at a time, however many ask; the next one only when all are full. Calls go where the
 * fewest are, and wait in one line, in their order.
 */
export class InstancePool implements Claimant {
  readonly owner: InstanceOwner;
  /** The plugin whose bytes it runs. */
  plugin: AdmittedPlugin;
  /** Those that take calls, or are starting. */
  readonly slots = new Set<InstanceSlot>();
  /** Those that were asked to leave and have not ended yet. */
  readonly #leaving = new Set<InstanceSlot>();
  readonly #options: InstancePoolOptions;
  readonly #line: WaitingLine<InstanceSlot | NoLease>;
  readonly #wake: WakeUp;
  #callers = 0;
  /** Before this, in milliseconds since the epoch, a line is no reason for one more instance. */
  #steadyAt = 0;

  constructor(options: InstancePoolOptions) {
    this.owner = options.owner;
    this.plugin = options.plugin;
    this.#options = options;
    const { clock, telemetry } = options.ground.settings;
    const plugin = { plugin: options.plugin.manifest.name };
    this.#line = new WaitingLine(clock, (by) => telemetry.callsQueued.add(by, plugin));
    this.#wake = new WakeUp(clock);
  }

  get size(): number {
    return this.slots.size;
  }

  get isRunning(): boolean {
    return [...this.slots].some(isUp);
  }

  /** Every instance of which something is left, newest first. */
  get all(): readonly InstanceSlot[] {
    return [...this.#leaving, ...this.slots].toReversed();
  }

  get idleSince(): number | undefined {
    return this.#options.isNeeded() ? undefined : longestIdle(this.slots)?.idleSince;
  }

  /** Hands out an instance for a call. Rejects only with the signal's reason. */
  async acquire(plugin: AdmittedPlugin, signal: AbortSignal): Promise<Lease | NoLease> {
    // The same bytes may have been agreed to anew.
    this.plugin = plugin;
    this.#callers += 1;
    try {
      return await this.#acquire(signal);
    } finally {
      this.#callers -= 1;
      this.#endIfEmpty();
    }
  }

  async #acquire(signal: AbortSignal): Promise<Lease | NoLease> {
    for (;;) {
      const refusal = refusalBy(this.#record(), this.#options.ground.over);
      if (refusal) return refusal;
      // oxlint-disable-next-line no-await-in-loop -- again, when an instance ended before the call was written to it
      const slot = this.#enter() ?? this.#enterNew() ?? (await this.#wait(signal));
      if ("reason" in slot) return slot;
      try {
        // oxlint-disable-next-line no-await-in-loop -- as above
        const started = slot.started ?? (await waitFor(slot.starting, signal));
        if (slot.isClosing) {
          this.#leave(slot);
          return { reason: "reloading" };
        }
        if (started.instance.state === "running") return this.#lease(slot, started);
        this.#leave(slot);
      } catch (error) {
        this.#leave(slot);
        signal.throwIfAborted();
        if (this.#options.ground.over.aborted) return { reason: "reloading" };
        if (error instanceof ManagerError) return { reason: "refused", error };
        throw error;
      }
    }
  }

  grow(isAsked = this.#line.length > 0): "full" | undefined {
    const { capacity, ground } = this.#options;
    const record = this.#record();
    const refusal = refusalBy(record, ground.over);
    if (refusal) this.#line.answerAll(refusal);
    const mayGrow = isAsked && !this.#isFullGrown();
    const dueAt = Math.max(record.notBefore, this.#steadyAt);
    if (!mayGrow || dueAt > ground.settings.clock.now()) {
      if (mayGrow) this.#wake.schedule(dueAt, () => this.grow());
      capacity.withdraw(this);
      this.#endIfEmpty();
      return undefined;
    }
    const place = capacity.take(this);
    if (place === "taken") this.#open();
    if (place !== "full") return undefined;
    this.#line.answerAll({ reason: "overloaded" });
    this.#endIfEmpty();
    return "full";
  }

  dismissIdle(): void {
    this.#dismiss(longestIdle(this.slots));
  }

  dismissLeastLoaded(): void {
    this.#dismiss(leastLoaded(this.slots, Number.POSITIVE_INFINITY));
  }

  #enter(): InstanceSlot | undefined {
    const { concurrency } = this.plugin.manifest.resources;
    const slot = leastLoaded(this.slots, concurrency);
    if (slot) slot.inside += 1;
    return slot;
  }

  #enterNew(): InstanceSlot | NoLease | undefined {
    return this.grow(true) === "full" ? { reason: "overloaded" } : this.#enter();
  }

  #leave(slot: InstanceSlot): void {
    slot.leave();
    this.#serve();
    if (slot.inside === 0) this.#options.capacity.makeRoom();
  }

  async #wait(signal: AbortSignal): Promise<InstanceSlot | NoLease> {
    const refusal = refusalBy(this.#record(), this.#options.ground.over);
    if (refusal) return refusal;
    const { clock, limits } = this.#options.ground.settings;
    const late = (): NoLease => lateAnswer(this.slots, this.#record(), clock.now());
    const { retryAfterMs = 0 } = lateAnswer(this.slots, this.#record(), clock.now());
    if (retryAfterMs > limits.queueMs || this.#line.length >= limits.queue) {
      this.grow();
      return retryAfterMs > limits.queueMs ? late() : { reason: "overloaded" };
    }
    return this.#line.wait(limits.queueMs, signal, late, () => void this.grow());
  }

  #isFullGrown(): boolean {
    const { maxInstances } = this.plugin.manifest.lifecycle;
    return this.slots.size >= maxInstances || ![...this.slots].every(isUp);
  }

  #open(): void {
    const { ground, capacity, nextEpoch, isNeeded } = this.#options;
    const taken = new Set(this.all.map((slot) => slot.slot));
    let isOver = false;
    const slot: InstanceSlot = new InstanceSlot(
      {
        plugin: this.plugin,
        owner: this.owner,
        epoch: nextEpoch(),
        slot: [...taken, 0].findIndex((_, index) => !taken.has(index)),
        isNeeded,
        onRunning: () => {
          this.#serve();
          if (this.#line.length === 0) return;
          this.#steadyAt = ground.settings.clock.now() + PAUSE_MS;
          this.grow();
        },
        onEnd: (isGone) => {
          this.slots.delete(slot);
          if (!isGone) this.#leaving.add(slot);
          else this.#leaving.delete(slot);
          if (isGone && !isOver) {
            isOver = true;
            capacity.giveBack(slot.isDismissed);
          }
          this.grow();
        },
      },
      ground,
    );
    this.slots.add(slot);
    this.#serve();
  }

  /** Lets in from the line whom there is room for. */
  #serve(): void {
    while (this.#line.length > 0) {
      const slot = this.#enter();
      if (!slot) return;
      this.#line.answerFirst(slot);
    }
    this.#options.capacity.withdraw(this);
  }

  #lease(slot: InstanceSlot, started: StartedInstance): Lease {
    const { gracefulShutdownTimeoutMs } = this.plugin.manifest.lifecycle;
    return {
      started,
      release: () => this.#leave(slot),
      retire: () => void slot.close(gracefulShutdownTimeoutMs),
    };
  }

  #dismiss(slot: InstanceSlot | undefined): void {
    if (!slot) return;
    slot.isDismissed = true;
    // Its calls are bounded by their own limits; none of them ends for somebody else's sake.
    void slot.close(Number.POSITIVE_INFINITY);
  }

  #endIfEmpty(): void {
    if (this.slots.size + this.#leaving.size + this.#line.length + this.#callers > 0) return;
    this.#wake.cancel();
    this.#options.onEmpty();
  }

  #record(): InstanceRecord {
    return this.#options.ground.records.of(this.plugin);
  }
}
