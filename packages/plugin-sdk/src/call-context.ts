import type { Log } from "./log.ts";

/** The W3C trace that a call belongs to. A claim of the host, for telemetry alone. */
export interface Trace {
  /** The header `traceparent`. */
  readonly traceparent: string;
  /** The header `tracestate`. */
  readonly tracestate?: string;
}

/** What a running tool knows of its call. */
export interface CallContext {
  /** Aborts when the host cancels the call, its time is over, the plugin is stopped, or the host is gone. */
  readonly signal: AbortSignal;
  /** When the time of the call is over; absent when the host sets no limit. */
  readonly deadline?: Date;
  /** The plugin's log. */
  readonly log: Log;
  /** The trace of the call, when the host sends one. */
  readonly trace?: Trace;
  /**
   * Tells how far the call is. A note is dropped when the host does not take progress, when the call has ended, and when more than 64
   * newer ones wait for a slow reader.
   *
   * @throws TypeError when `completed` or `total` is no finite number
   */
  readonly progress: (completed: number, total?: number, message?: string) => void;
}
