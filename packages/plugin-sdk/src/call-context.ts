import type { Host } from "./host.ts";
import type { Log } from "./log.ts";

/** The W3C trace that a call belongs to. A claim of the host, for telemetry alone. */
export interface Trace {
  /** The header `traceparent`. */
  readonly traceparent: string;
  /** The header `tracestate`. */
  readonly tracestate?: string;
}

/** What a running operation of a channel or a provider knows of itself. */
export interface OperationContext {
  /** Aborts when the host cancels it, its time is over, the plugin is stopped, or the host is gone. */
  readonly signal: AbortSignal;
  /** When its time is over; absent when the host sets no limit. */
  readonly deadline?: Date;
  /** The plugin's log. */
  readonly log: Log;
  /** What may be asked of the host as part of it; absent when the host answers nothing. */
  readonly host?: Host;
  /** The trace it belongs to, when the host sends one. */
  readonly trace?: Trace;
}

/** What a running tool knows of its call. */
export interface CallContext extends OperationContext {
  /**
   * Tells how far the call is. A note is dropped when the host does not take progress, when the call has ended, and when more than 64
   * newer ones wait for a slow reader.
   *
   * @throws TypeError when `completed` or `total` is no finite number
   */
  readonly progress: (completed: number, total?: number, message?: string) => void;
}
