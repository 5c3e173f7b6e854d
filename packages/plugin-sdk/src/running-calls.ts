import type { Host } from "./host.ts";

/** A call that runs. */
export interface RunningCall {
  /** What it may ask of the host. */
  readonly host?: Host;
  /** Aborts with the call. */
  readonly signal: AbortSignal;
  /** Aborts it. */
  abort(reason: Error): void;
  /** Forgets it. */
  end(): void;
}

/** The calls of a plugin that run now. */
export interface RunningCalls {
  /** How many there are. */
  count(): number;
  /** Adds one. */
  begin(id: string): RunningCall;
  /** Aborts those with this id, and answers whether there are any. */
  cancel(id: string): boolean;
  /** Aborts all. */
  abortAll(reason: Error): void;
}

/** Makes the list of running calls. */
export function createRunningCalls(): RunningCalls {
  const running = new Map<AbortController, string>();
  return {
    count: () => running.size,
    begin(id) {
      const controller = new AbortController();
      running.set(controller, id);
      return {
        signal: controller.signal,
        abort: (reason) => controller.abort(reason),
        end: () => void running.delete(controller),
      };
    },
    cancel(id) {
      const meant = [...running].filter(([, own]) => id !== "" && own === id);
      for (const [controller] of meant) controller.abort(cancelled("the host cancelled the call"));
      return meant.length > 0;
    },
    abortAll(reason) {
      for (const controller of running.keys()) controller.abort(reason);
    },
  };
}

/** The reason of a signal whose call is no longer wanted. */
export const cancelled = (why: string): DOMException => new DOMException(why, "AbortError");
