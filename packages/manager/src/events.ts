import type { Clock } from "@sigilrt/lifecycle";

/** What an event is about; a closed list. */
export type ManagerEventType =
  | "plugin.discovered"
  | "plugin.skipped"
  | "plugin.rejected"
  | "plugin.admitted"
  | "plugin.awaiting_consent"
  | "plugin.starting"
  | "plugin.running"
  | "plugin.degraded"
  | "plugin.crashed"
  | "plugin.restarting"
  | "plugin.quarantined"
  | "plugin.draining"
  | "plugin.stopped"
  | "surface.changed"
  | "generation.published"
  | "reload.completed"
  | "reload.refused"
  | "instance.opened"
  | "instance.closed"
  | "watch.limited";

/** Facts of an event. Closed words and names alone: no arguments, no users, no text of a plugin. */
export interface ManagerEventFacts {
  /** The plugin. */
  readonly plugin?: string;
  /** Its digest. */
  readonly digest?: string;
  /** Which of its instances. */
  readonly epoch?: number;
  /** The generation. */
  readonly generation?: number;
  /** A code, the kind of a rejection, or the cause of an end. */
  readonly reason?: string;
}

/** Something that happened. A notice, and no evidence: what must not be lost is in the audit. */
export interface ManagerEvent extends ManagerEventFacts {
  /** What it is about. */
  readonly type: ManagerEventType;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** How many events this reader lost just before this one, because it was slow. */
  readonly dropped: number;
}

/** Tells of an event; never throws. */
export type Tell = (type: ManagerEventType, facts?: ManagerEventFacts) => void;

const BUFFERED = 1_024;

/** Hands events to any number of readers, each with a bounded buffer of its own. */
export class EventFeed {
  readonly #clock: Clock;
  readonly #readers = new Set<Reader>();
  #isOver = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Tells every reader. */
  readonly tell: Tell = (type, facts = {}) => {
    const event = { type, at: this.#clock.now(), ...facts };
    for (const reader of this.#readers) reader.push(event);
  };

  /** Every event from now on, until the reader leaves, its signal aborts, or the feed ends. */
  read(signal: AbortSignal | undefined): AsyncIterableIterator<ManagerEvent> {
    const reader = new Reader(() => this.#readers.delete(reader));
    if (this.#isOver || signal?.aborted) reader.end();
    else this.#readers.add(reader);
    signal?.addEventListener("abort", () => reader.end(), { once: true });
    return reader;
  }

  /** Ends every reader, after what it has yet to read. */
  end(): void {
    this.#isOver = true;
    for (const reader of this.#readers) reader.end();
  }
}

class Reader implements AsyncIterableIterator<ManagerEvent> {
  readonly #leave: () => void;
  readonly #buffer: Omit<ManagerEvent, "dropped">[] = [];
  #waiting: ((result: IteratorResult<ManagerEvent>) => void)[] = [];
  #dropped = 0;
  #isOver = false;

  constructor(leave: () => void) {
    this.#leave = leave;
  }

  push(event: Omit<ManagerEvent, "dropped">): void {
    const next = this.#waiting.shift();
    if (next) {
      next({ done: false, value: Object.freeze({ ...event, dropped: 0 }) });
      return;
    }
    this.#buffer.push(event);
    if (this.#buffer.length <= BUFFERED) return;
    // The newest say how things stand; a reader that stalls costs no more memory than this.
    this.#buffer.shift();
    this.#dropped += 1;
  }

  next(): Promise<IteratorResult<ManagerEvent>> {
    const event = this.#buffer.shift();
    if (event) {
      const dropped = this.#dropped;
      this.#dropped = 0;
      return Promise.resolve({ done: false, value: Object.freeze({ ...event, dropped }) });
    }
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  return(): Promise<IteratorResult<ManagerEvent>> {
    this.#buffer.length = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  end(): void {
    this.#isOver = true;
    this.#leave();
    for (const resolve of this.#waiting.splice(0)) resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
