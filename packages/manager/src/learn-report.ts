import type { JsonValue } from "@sigilrt/lifecycle";

/** What a plugin is asked to do while it is watched. */
export interface Scenario {
  /** Calls, one after the other. With none, only its start is watched. */
  readonly calls: readonly {
    /** The tool. */
    readonly tool: string;
    /** Its arguments. */
    readonly arguments: Readonly<Record<string, JsonValue>>;
  }[];
}

/** How a call of a scenario went. */
export interface LearnedCall {
  /** The tool. */
  readonly tool: string;
  /** `error` is the tool's own word, `failed` the host's; `not_run` when the plugin had ended before. */
  readonly outcome: "ok" | "error" | "failed" | "not_run";
  /** What it said, or why it failed; at most 500 characters. */
  readonly message: string;
}

/** A right that would have let the plugin do what it tried. */
export interface ProposedRight {
  /** The pattern. */
  readonly pattern: string;
  /** What was seen, with when; at most 5 lines. */
  readonly evidence: readonly string[];
  /** Whether it is wider than what was seen: a star in place of three or more neighbours. */
  readonly isWidened: boolean;
}

/** What a plugin tried in vain, and what of that no manifest can ask for. */
export interface UngrantableAttempt {
  /** What was seen. */
  readonly evidence: string;
  /** Why it stays closed. */
  readonly reason: string;
}

/** What was learnt from one run. It proposes text and grants nothing; a plugin that behaves otherwise next time is not foreseen. */
export interface LearnReport {
  /** The plugin's name. */
  readonly plugin: string;
  /** Its version. */
  readonly version: string;
  /** The digest of the bytes that ran. */
  readonly digest: string;
  /** How the calls went. */
  readonly calls: readonly LearnedCall[];
  /** The fewest and narrowest rights that cover what was refused, by pattern, bytewise. */
  readonly proposed: readonly ProposedRight[];
  /** What was refused and cannot be granted. */
  readonly ungrantable: readonly UngrantableAttempt[];
  /** What it only looked for and may do without; no right is proposed for it. */
  readonly lookups: readonly string[];
  /** Its manifest with the proposed rights. */
  readonly manifest: string;
}
