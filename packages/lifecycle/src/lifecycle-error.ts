import type { ExitReport } from "./exit-report.ts";

/** Why a host could not do what it was asked; a closed list. */
export type HostErrorCode =
  | "START_FAILED"
  | "TYPE_UNSUPPORTED"
  | "HANDSHAKE_TIMEOUT"
  | "PROTOCOL"
  | "CRASHED"
  | "CANCELLED"
  | "DEADLINE"
  | "RESULT_TOO_LARGE"
  | "OVERLOADED"
  | "TOOL_UNKNOWN"
  | "CLOSED";

/** The closed list of codes of {@link LifecycleError}: a refused move, or what a host answers. */
export type LifecycleErrorCode = "INVALID_TRANSITION" | HostErrorCode;

/** Facts beside the code of a {@link LifecycleError}. */
export interface LifecycleErrorOptions extends ErrorOptions {
  /** The step of starting, calling or stopping in which it happened, in the host's own words. */
  readonly phase?: string;
  /** How the plugin ended, when it did. */
  readonly exit?: ExitReport;
}

/** The one error of a `PluginHost` and of {@link PluginInstance}; a host's own error is its `cause`. */
export class LifecycleError extends Error {
  /** The class name, for logs. */
  override readonly name = "LifecycleError";
  /** What callers branch on. */
  readonly code: LifecycleErrorCode;
  /** The step in which it happened, in the host's own words. */
  readonly phase: string | undefined;
  /** How the plugin ended; present when it did. */
  readonly exit: ExitReport | undefined;

  constructor(code: LifecycleErrorCode, message: string, options: LifecycleErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.phase = options.phase;
    this.exit = options.exit;
  }
}
