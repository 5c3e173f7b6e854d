/** A place for checkpoints, meant to be out of reach of whoever can write to the journal. */
export interface CheckpointSink {
  /** Keeps a note. Its failure is retried and stops no append. */
  store(note: string): Promise<void>;
  /** The newest note of a log, or `undefined` when it has none. */
  latest(log: string): Promise<string | undefined>;
}
