import type { WaitingClock } from "@sigilrt/lifecycle";
import type { AdmittedPlugin } from "./verify.ts";

/** The stay of one call with the plugin it began with. */
export interface Stay {
  /** Aborts when the plugin was replaced and the time to finish is over. */
  readonly drainLimit: AbortSignal;
  /** Aborts, with why, as soon as the plugin is to leave: for what would never end by itself. */
  readonly ending: AbortSignal;
  /** Ends it; once. */
  leave(): void;
}

/** Why what never ends by itself has to. */
type Ending = "replaced" | "stopped";

/** How the calls of a replaced plugin ended. */
export interface DrainReport {
  /** Calls that ended by themselves. */
  readonly finished: number;
  /** Calls that the end of the grace cancelled. */
  readonly cancelled: number;
}

interface Room {
  calls: number;
  ending: AbortController;
  readonly limit: AbortController;
  emptied: (() => void) | undefined;
}

/**
 * Counts the calls of each admitted plugin from the moment they read the generation, before they are decided or have an instance, so
 * that a replaced plugin is not stopped under a call that has yet to reach it.
 */
export class CallsInFlight {
  readonly #clock: WaitingClock;
  readonly #rooms = new WeakMap<AdmittedPlugin, Room>();

  constructor(clock: WaitingClock) {
    this.#clock = clock;
  }

  /** Counts a call in. */
  enter(plugin: AdmittedPlugin): Stay {
    const room = this.#room(plugin);
    room.calls += 1;
    return {
      drainLimit: room.limit.signal,
      ending: room.ending.signal,
      leave: () => {
        room.calls -= 1;
        if (room.calls === 0) room.emptied?.();
      },
    };
  }

  /** Resolves when no call is left. After `graceMs` it cancels those that are, and waits no longer. */
  async drain(plugin: AdmittedPlugin, graceMs: number): Promise<DrainReport> {
    const room = this.#room(plugin);
    const before = room.calls;
    end(room, "replaced");
    if (before > 0) await this.#emptied(room, graceMs);
    const cancelled = room.calls;
    // Also when nobody is left: whoever still holds this plugin must not start it again.
    room.limit.abort();
    return { finished: before - cancelled, cancelled };
  }

  /** Ends what would never end by itself; calls go on. */
  endStreams(plugin: AdmittedPlugin): void {
    const room = this.#room(plugin);
    end(room, "stopped");
    room.ending = new AbortController();
  }

  /** Lets a drained plugin take calls again. */
  reopen(plugin: AdmittedPlugin): void {
    this.#rooms.delete(plugin);
  }

  async #emptied(room: Room, graceMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const over = new AbortController();
    room.emptied = resolve;
    this.#clock.sleep(graceMs, over.signal).then(resolve, resolve);
    await promise;
    over.abort();
    room.emptied = undefined;
  }

  #room(plugin: AdmittedPlugin): Room {
    const known = this.#rooms.get(plugin);
    if (known) return known;
    const room: Room = {
      calls: 0,
      ending: new AbortController(),
      limit: new AbortController(),
      emptied: undefined,
    };
    this.#rooms.set(plugin, room);
    return room;
  }
}

const end = ({ ending }: Room, why: Ending): void => ending.abort(why);
