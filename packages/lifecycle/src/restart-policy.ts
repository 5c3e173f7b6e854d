/** When a crashed plugin is started again. All times in milliseconds. */
export interface RestartPolicyOptions {
  /** The first delay, doubled with each crash in a row; 500. */
  readonly baseDelayMs?: number;
  /** The longest delay; 60,000. */
  readonly maxDelayMs?: number;
  /** Uninterrupted running after which the count of crashes in a row starts again; 60,000. */
  readonly resetAfterMs?: number;
  /** Crashes within the window that lead to quarantine; 5. */
  readonly quarantineAfter?: number;
  /** The window in which crashes are counted for quarantine; 600,000. */
  readonly quarantineWindowMs?: number;
  /** A number in [0, 1), for full jitter. */
  readonly random: () => number;
}

/** What follows a crash. */
export type RestartDecision =
  | {
      /** Start a new instance. */
      readonly kind: "restart";
      /** After this many milliseconds. */
      readonly delayMs: number;
      /** Crashes in a row, counting this one. */
      readonly attempt: number;
    }
  | {
      /** Start nothing until an operator or a new digest ends it. */
      readonly kind: "quarantine";
      /** Crashes inside the window. */
      readonly crashes: number;
    };

/** Counts the crashes of one plugin. */
export interface RestartPolicy {
  /**
   * Decides what follows a crash at `at`. `runningSince` is when the instance reached `running`; absent when it never did, so
   * that a failed start counts as a crash and resets nothing.
   */
  crashed(at: number, runningSince?: number): RestartDecision;
  /** Forgets every crash: an operator cleared the quarantine, or the digest is new. */
  clear(): void;
}

/**
 * Makes the policy of one plugin: exponential delay with full jitter, a reset after sustained running, quarantine after too
 * many crashes in a window. Pure: time and randomness come in.
 *
 * @throws {@link RangeError} when a delay, limit or count is not a positive finite number
 */
export function createRestartPolicy(options: RestartPolicyOptions): RestartPolicy {
  const {
    baseDelayMs = 500,
    maxDelayMs = 60_000,
    resetAfterMs = 60_000,
    quarantineAfter = 5,
    quarantineWindowMs = 600_000,
    random,
  } = options;
  const numbers = { baseDelayMs, maxDelayMs, resetAfterMs, quarantineAfter, quarantineWindowMs };
  for (const [name, value] of Object.entries(numbers)) {
    if (!Number.isFinite(value) || value <= 0) {
      throw new RangeError(`Cannot make a restart policy: ${name} is ${value}, not above 0`);
    }
  }

  let inARow = 0;
  let recent: number[] = [];
  return {
    crashed(at, runningSince) {
      if (runningSince !== undefined && at - runningSince >= resetAfterMs) inARow = 0;
      inARow += 1;
      recent = [...recent.filter((time) => at - time < quarantineWindowMs), at];
      if (recent.length >= quarantineAfter) return { kind: "quarantine", crashes: recent.length };
      const ceiling = Math.min(maxDelayMs, baseDelayMs * 2 ** (inARow - 1));
      return { kind: "restart", delayMs: Math.floor(random() * ceiling), attempt: inARow };
    },
    clear() {
      inARow = 0;
      recent = [];
    },
  };
}
