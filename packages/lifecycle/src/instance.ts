import type { Clock } from "./clock.ts";
import { LifecycleError } from "./lifecycle-error.ts";
import { type PluginState, validTransition } from "./states.ts";

/** Which copy of which plugin an instance is. */
export interface InstanceIdentity {
  /** The plugin's name. */
  readonly plugin: string;
  /** The plugin's version. */
  readonly version: string;
  /** The tree digest of the bytes that run. */
  readonly digest: string;
  /** Counts the instances this plugin has had; a restart has a higher one. */
  readonly epoch: number;
  /** The workspace it serves; absent when it is shared. */
  readonly workspace?: string;
  /** The user it serves; absent when it is shared or serves a workspace. */
  readonly user?: string;
  /** Its place in the pool of its scope, from 0. */
  readonly slot: number;
}

/** Why a move was made. */
export interface TransitionDetail {
  /** A word or sentence for operators. */
  readonly reason?: string;
  /** The error behind it. */
  readonly cause?: unknown;
}

/** One move of an instance. Frozen. */
export interface Transition extends TransitionDetail {
  /** The state before. */
  readonly from: PluginState;
  /** The state after. */
  readonly to: PluginState;
  /** Milliseconds since the epoch; absent without a clock. */
  readonly at?: number;
  /** Counts the moves of this instance, from 1. */
  readonly sequence: number;
  /** What the observer threw; it changed nothing. */
  readonly observerError?: unknown;
}

/** How a {@link PluginInstance} begins and who hears of its moves. */
export interface PluginInstanceOptions {
  /** Where it begins; `discovered` when absent. */
  readonly initial?: PluginState;
  /** Gives moves their time; without one they carry none. */
  readonly clock?: Clock;
  /** Hears every move after it was made. What it throws is kept in `observerError` and changes nothing. */
  readonly onTransition?: (transition: Transition) => void;
}

/**
 * One running copy of a plugin as a state machine. Moves are synchronous, so of any number of tasks that race for one move
 * exactly one succeeds.
 */
export class PluginInstance {
  /** Which copy this is. Frozen. */
  readonly identity: InstanceIdentity;
  readonly #clock: Clock | undefined;
  readonly #onTransition: ((transition: Transition) => void) | undefined;
  readonly #moves: Transition[] = [];
  #state: PluginState;

  constructor(identity: InstanceIdentity, options: PluginInstanceOptions = {}) {
    this.identity = Object.freeze({ ...identity });
    this.#state = options.initial ?? "discovered";
    this.#clock = options.clock;
    this.#onTransition = options.onTransition;
  }

  /** Where it stands now. */
  get state(): PluginState {
    return this.#state;
  }

  /** Its moves, oldest first; a frozen copy. No state is reached twice, so a life has at most seven. */
  get history(): readonly Transition[] {
    return Object.freeze([...this.#moves]);
  }

  /**
   * Moves to `next`, records the move and tells the observer.
   *
   * @throws {@link LifecycleError} `INVALID_TRANSITION`; the state is unchanged and nobody is told
   */
  transitionTo(next: PluginState, detail: TransitionDetail = {}): Transition {
    const from = this.#state;
    if (!validTransition(from, next)) {
      throw new LifecycleError(
        "INVALID_TRANSITION",
        `Cannot move plugin "${this.identity.plugin}" from ${from} to ${nameOf(next)}: no such move`,
      );
    }
    const at = this.#clock?.now();
    this.#state = next;
    const move: Transition = {
      from,
      to: next,
      sequence: this.#moves.length + 1,
      ...(at === undefined ? {} : { at }),
      ...(detail.reason === undefined ? {} : { reason: detail.reason }),
      ...(detail.cause === undefined ? {} : { cause: detail.cause }),
    };
    const kept = Object.freeze(move);
    this.#moves.push(kept);
    return this.#tell(kept);
  }

  #tell(move: Transition): Transition {
    try {
      this.#onTransition?.(move);
      return move;
    } catch (observerError) {
      const marked = Object.freeze({ ...move, observerError });
      // The observer may have moved the instance itself, so the place is looked up after it ran.
      const place = this.#moves.indexOf(move);
      this.#moves[place] = marked;
      return marked;
    }
  }
}

/** Untyped callers may pass anything; the message stays short and printing it runs none of their code. */
function nameOf(next: unknown): string {
  return typeof next === "string" ? JSON.stringify(next.slice(0, 32)) : typeof next;
}
