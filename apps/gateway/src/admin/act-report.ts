import type { ActReport } from "@sigilrt/cli";
import type { PluginSummary, ReloadOutcome } from "@sigilrt/manager";

/** What a start came to. */
export const started = ({ name, version, digest }: PluginSummary): ActReport => ({
  plugin: name,
  outcome: "started",
  version,
  digest,
});

/** What a reload or a rollback came to, for an operator. */
export function reportOf(outcome: ReloadOutcome): ActReport {
  const { plugin } = outcome;
  switch (outcome.kind) {
    case "replaced": {
      const { to: digest, version, drained } = outcome;
      const message =
        drained.cancelled === 0
          ? undefined
          : `${drained.cancelled} calls outlived the grace of the version before and were cancelled`;
      const done = { plugin, outcome: "replaced", version, digest } as const;
      return message === undefined ? done : { ...done, message };
    }
    case "unchanged":
      return { plugin, outcome: "unchanged" };
    case "refused": {
      const { code, message } = outcome.refusal;
      return { plugin, outcome: "refused", code, message: `${message}; ${fate[outcome.previous]}` };
    }
    default:
      return outcome satisfies never;
  }
}

const fate = {
  kept: "what ran before runs on",
  restarted: "what ran before was started again",
  down: "what ran before did not start again",
} as const;
