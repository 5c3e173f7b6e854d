import type { Transition } from "@sigilrt/lifecycle";
import type { Settings } from "./options.ts";
import type { Telemetry } from "./telemetry.ts";

/** The phases of one start, each with its span and its duration. */
export interface StartPhases {
  during<T>(phase: "verify" | "start" | "describe", work: () => Promise<T>): Promise<T>;
  end(failed?: "failed"): void;
}

/** Begins to observe a start. */
export function startPhases(plugin: string, { telemetry, clock }: Settings): StartPhases {
  const span = telemetry.begin("plugin.start", { plugin });
  return {
    async during(phase, work) {
      const startedAt = clock.now();
      try {
        return await span.during(phase, work);
      } finally {
        telemetry.startDuration.record((clock.now() - startedAt) / 1_000, { plugin, phase });
      }
    },
    end: (failed) => span.end({ outcome: failed ?? "ok" }, failed),
  };
}

const ended = new Set(["discovered", "stopped", "error"]);

/** Counts instances by state; one that ended is in none. */
export function countState(
  { from, to }: Transition,
  plugin: string,
  { instances }: Telemetry,
): void {
  if (!ended.has(from)) instances.add(-1, { plugin, state: from });
  if (!ended.has(to)) instances.add(1, { plugin, state: to });
}
