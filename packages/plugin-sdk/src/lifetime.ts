import type { Log } from "./log.ts";
import type { OutputRing } from "./output-ring.ts";
import type { PluginOptions } from "./plugin-options.ts";
import { cancelled, type RunningCalls } from "./running-calls.ts";

/** The end of a plugin, which happens once. */
export interface Lifetime {
  /** Whether it has begun to stop. */
  isStopping(): boolean;
  /** Aborts what runs and gives the author's hook `graceMs`; answers whether it ended well in time. Stopping twice is stopping once. */
  stop(why: string, graceMs: number): Promise<boolean>;
  /** Ends the process with code 0. */
  exit(): void;
  /** Settles when the process is about to end. */
  readonly ended: Promise<void>;
}

interface LifetimeParts {
  readonly plugin: Pick<PluginOptions, "shutdown">;
  readonly calls: RunningCalls;
  readonly log: Log;
  readonly printed: OutputRing;
  /** Takes away what the process holds. */
  readonly release: () => void;
  /** Ends the process; a plugin that is tested ends none. */
  readonly leave?: () => void;
}

/** How long an answer to Shutdown may take to leave before the process ends without it, in milliseconds. */
const LINGER_MS = 500;

/** Makes the end of a plugin. */
export function createLifetime(parts: LifetimeParts): Lifetime {
  const { plugin, calls, log, printed, release, leave = () => process.exit(0) } = parts;
  const ended = Promise.withResolvers<void>();
  let stopped: Promise<boolean> | undefined;

  const exit = (): void => {
    release();
    ended.resolve();
    // What waits for `ended` still runs.
    setImmediate(leave);
  };
  const stop = async (why: string, graceMs: number): Promise<boolean> => {
    calls.abortAll(cancelled(`the plugin stops: ${why}`));
    const isClean = await withinGrace(async (signal) => plugin.shutdown?.(signal), graceMs, log);
    printed.end();
    setTimeout(exit, LINGER_MS);
    return isClean;
  };
  return {
    isStopping: () => stopped !== undefined,
    stop: (why, graceMs) => (stopped ??= stop(why, graceMs)),
    exit,
    ended: ended.promise,
  };
}

async function withinGrace(
  work: (signal: AbortSignal) => Promise<void>,
  graceMs: number,
  log: Log,
): Promise<boolean> {
  const grace = new AbortController();
  const over = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => {
    log.warn("shutdown did not end in time", { graceMs });
    grace.abort(new DOMException("the time to shut down is over", "TimeoutError"));
    over.resolve(false);
  }, graceMs);
  const done = work(grace.signal).then(
    () => true,
    (error: unknown) => {
      log.error("shutdown failed", { error });
      return false;
    },
  );
  const isClean = await Promise.race([done, over.promise]);
  clearTimeout(timer);
  return isClean;
}
