/** Tells the time in milliseconds since the epoch. `Date` is one. */
export interface Clock {
  /** The present instant, in milliseconds since the epoch. */
  now(): number;
}

/** A clock that can also be waited on, so that a test can move it instead of sleeping. */
export interface WaitingClock extends Clock {
  /** Resolves after `ms` milliseconds of this clock; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
