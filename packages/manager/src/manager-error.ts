import type { UnfinishedOutcome } from "./open-outcome.ts";
import type { PluginRejection } from "./rejection.ts";

/** Why the manager could not do what it was asked; a closed list. */
export type ManagerErrorCode =
  | "PLUGIN_NOT_FOUND"
  | "DUPLICATE_NAME"
  | "ENTRY_MISSING"
  | "TYPE_UNSUPPORTED"
  | "ENGINE_UNSUPPORTED"
  | "TIER_UNAVAILABLE"
  | "STORAGE_UNAVAILABLE"
  | "CONSENT_REQUIRED"
  | "VERIFICATION_FAILED"
  | "SURFACE_CHANGED"
  | "DEPENDENCY_MISSING"
  | "DEPENDENCY_CYCLE"
  | "QUARANTINED"
  | "START_FAILED"
  | "OVERLOADED"
  | "DENIED"
  | "UNAVAILABLE"
  | "CANCELLED"
  | "FAILED"
  | "CLOSED";

/** Facts beside the code of a {@link ManagerError}. */
export interface ManagerErrorOptions extends ErrorOptions {
  /** The plugin it is about. */
  readonly plugin?: string;
  /** The refusal behind it, with its evidence. */
  readonly rejection?: PluginRejection;
  /** How the operation of a handle ended. */
  readonly outcome?: UnfinishedOutcome;
}

/**
 * The one error of this package. The outcome of a call is a value and never one of these. The operations of a handle of `open` throw it as
 * `DENIED`, `UNAVAILABLE` or `CANCELLED`, each with its `outcome`, and as `FAILED` where the plugin says that it failed.
 */
export class ManagerError extends Error {
  /** The class name, for logs. */
  override readonly name = "ManagerError";
  /** What callers branch on. */
  readonly code: ManagerErrorCode;
  /** The plugin it is about, where there is one. */
  readonly plugin: string | undefined;
  /** The refusal behind it, where there is one. */
  readonly rejection: PluginRejection | undefined;

  /** How the operation of a handle ended, for `DENIED`, `UNAVAILABLE` and `CANCELLED`. */
  readonly outcome: UnfinishedOutcome | undefined;

  constructor(code: ManagerErrorCode, message: string, options: ManagerErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.plugin = options.plugin;
    this.rejection = options.rejection;
    this.outcome = options.outcome;
  }
}
