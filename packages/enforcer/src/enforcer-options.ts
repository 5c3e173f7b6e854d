import type { MissionRule } from "./decide.ts";
import type { Digest } from "./evaluator.ts";
import { sharedDeadline } from "./shared-deadline.ts";
import type { Deadline } from "./recorder.ts";

/** What an enforcer may hold at most. */
export interface EnforcerLimits {
  /** Registered plugins; 10,000 by default. */
  readonly plugins: number;
  /** Handles that are not revoked; 100,000 by default. */
  readonly handles: number;
  /** Answers that one handle keeps; 1,024 by default. */
  readonly cache: number;
}

/** How an enforcer works. */
export interface EnforcerOptions {
  /** How long an answer waits for its record; 1,000 by default. */
  readonly auditTimeoutMs?: number;
  /**
   * Gives a signal that aborts after so many milliseconds; `AbortSignal.timeout` by default. It alone ends the wait for
   * a store that never settles: whoever passes another one answers for its aborting.
   */
  readonly deadline?: (timeoutMs: number) => AbortSignal;
  /** With `"required"`, a request without a mission is denied. `"optional"` by default. */
  readonly mission?: MissionRule;
  /** Adds the digest of each set to the record: it gets the patterns, one per line. */
  readonly digest?: (text: string) => string;
  /** Lower or higher limits. */
  readonly limits?: Partial<EnforcerLimits>;
}

/** Options, checked and complete. */
export interface Settings {
  readonly auditTimeoutMs: number;
  readonly deadline: Deadline;
  readonly missionRule: MissionRule;
  readonly digest: Digest | undefined;
  readonly limits: EnforcerLimits;
}

const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** @throws TypeError, RangeError */
export function readOptions(options: EnforcerOptions): Settings {
  const { auditTimeoutMs = 1000, deadline, mission = "optional", digest, limits = {} } = options;
  const { plugins = 10_000, handles = 100_000, cache = 1024 } = limits;
  const numbers = { plugins, handles, cache };
  requireInteger("auditTimeoutMs", auditTimeoutMs, MAX_TIMEOUT_MS);
  for (const [name, value] of Object.entries(numbers)) requireInteger(name, value, 2 ** 24);
  requireFunction("deadline", deadline);
  requireFunction("digest", digest);
  // A word nobody knows must not turn a required mission into an optional one.
  if (mission !== "optional" && mission !== "required") {
    throw new TypeError('Cannot make an enforcer: mission is neither "optional" nor "required"');
  }
  return {
    auditTimeoutMs,
    deadline: deadline ?? sharedDeadline(),
    missionRule: mission,
    digest,
    limits: numbers,
  };
}

function requireInteger(name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new RangeError(
    `Cannot make an enforcer: ${name} is ${String(value)}; pass an integer from 1 to ${most}`,
  );
}

function requireFunction(name: string, value: unknown): void {
  if (value === undefined || typeof value === "function") return;
  throw new TypeError(`Cannot make an enforcer: ${name} is no function; pass one or leave it out`);
}
