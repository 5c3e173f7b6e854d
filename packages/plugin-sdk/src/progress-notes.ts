/** How far a call is. */
export interface ProgressNote {
  readonly completed: number;
  readonly total: number;
  readonly message: string;
}

/** Notes that wait to be sent. */
export interface ProgressNotes {
  /** Adds one, and drops the oldest when too many wait. Throws a `TypeError` for a number that is none. */
  add(completed: number, total?: number, message?: string): void;
  /** Takes all that wait. */
  take(): readonly ProgressNote[];
  /** Settles when one waits, or after {@link ProgressNotes.wake}. */
  waiting(): Promise<void>;
  /** Lets whoever waits look at something else. */
  wake(): void;
}

/** A tool that tells more than a slow host reads costs this many notes, not memory without end. */
const MAX_WAITING = 64;

/** Makes a queue of notes. */
export function createProgressNotes(): ProgressNotes {
  let notes: ProgressNote[] = [];
  let woken = Promise.withResolvers<void>();
  return {
    add(completed, total = 0, message = "") {
      if (!Number.isFinite(completed) || !Number.isFinite(total)) {
        throw new TypeError(
          `Cannot tell progress: ${completed} of ${total} are not two finite numbers`,
        );
      }
      notes.push({ completed, total, message });
      if (notes.length > MAX_WAITING) notes.shift();
      woken.resolve();
    },
    take() {
      const taken = notes;
      notes = [];
      woken = Promise.withResolvers();
      return taken;
    },
    waiting: () => woken.promise,
    wake: () => woken.resolve(),
  };
}
