import type { Health, RunningPlugin, WaitingClock } from "@sigilrt/lifecycle";
import type { Manifest } from "@sigilrt/manifest";
import { askHealth } from "./ask-health.ts";

/** Hears what a plugin says of its health. */
export interface HealthListener {
  /** An answer, or what stands for one that did not come. */
  readonly onAnswer: (health: Health) => void;
  /** It failed too often in a row. */
  readonly onDead: (health: Health) => void;
}

/** Asks again and again until it failed too often or the signal aborts; with an interval of 0 never. */
export async function watchHealth(
  running: RunningPlugin,
  { intervalMs, timeoutMs, failures }: Manifest["health"],
  clock: WaitingClock,
  over: AbortSignal,
  { onAnswer, onDead }: HealthListener,
): Promise<void> {
  if (intervalMs === 0) return;
  let failed = 0;
  while (failed < failures) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one question after the other
      await clock.sleep(intervalMs, over);
      // oxlint-disable-next-line no-await-in-loop -- as above
      const health = await askHealth(running, timeoutMs, clock, over);
      failed = health.status === "unhealthy" ? failed + 1 : 0;
      if (failed < failures) onAnswer(health);
      else onDead(health);
    } catch {
      // The plugin leaves, which ends the questions.
      return;
    }
  }
}
