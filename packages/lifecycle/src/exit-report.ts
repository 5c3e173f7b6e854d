/** Why a plugin ended: asked to, by itself, by force, for memory, or for a reason the host cannot see. */
export type ExitCause = "requested" | "crashed" | "killed" | "out_of_memory" | "unknown";

/** How a plugin ended. Frozen; safe to show to an operator, not to another plugin. */
export interface ExitReport {
  /** Why it ended. */
  readonly cause: ExitCause;
  /** The exit code of its process, where there was one. */
  readonly code?: number;
  /** The name of the signal that ended its process, where one did. */
  readonly signal?: string;
  /** Milliseconds between start and end, when the host measured them. */
  readonly uptimeMs?: number;
  /** How many calls were running when it ended. */
  readonly callsInFlight: number;
  /** The last lines it wrote to its error stream, bounded and redacted; empty when it has none. */
  readonly stderrTail: string;
  /** What the runner found out, for people: a memory limit, a denied system call. */
  readonly diagnosis?: string;
}
