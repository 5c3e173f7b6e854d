import { type ExitReport, type HostErrorCode, LifecycleError } from "@sigilrt/lifecycle";

/** The steps of a start, and what follows it. */
export type ProcessPhase =
  | "prepare"
  | "spawn"
  | "handshake"
  | "connect"
  | "health"
  | "init"
  | "negotiate"
  | "call"
  | "stop";

/** Why a program could not be started, called or stopped; a closed list. */
export type ProcessHostErrorCode =
  | "COMMAND_NOT_ABSOLUTE"
  | "ENVIRONMENT_REFUSED"
  | "SOCKET_DIR_FAILED"
  | "RECORD_FAILED"
  | "SPAWN_FAILED"
  | "EXITED_EARLY"
  | "HANDSHAKE_TIMEOUT"
  | "HANDSHAKE_MALFORMED"
  | "CORE_UNSUPPORTED"
  | "VERSION_MISMATCH"
  | "PROTOCOL_UNSUPPORTED"
  | "ADDRESS_REFUSED"
  | "CERTIFICATE_MISSING"
  | "CERTIFICATE_MALFORMED"
  | "MULTIPLEX_UNSUPPORTED"
  | "CONNECT_FAILED"
  | "TLS_FAILED"
  | "HEALTH_MISSING"
  | "NOT_SERVING"
  | "INIT_REFUSED"
  | "INIT_FAILED"
  | "LANE_UNAVAILABLE"
  | "MESSAGE_TOO_LARGE"
  | "DEADLINE_EXCEEDED"
  | "CANCELLED"
  | "STOPPING"
  | "PLUGIN_CRASHED"
  | "PLUGIN_UNAVAILABLE"
  | "PLUGIN_MISBEHAVED"
  | "LANE_VIOLATED"
  | "TOOL_UNKNOWN"
  | "UNIMPLEMENTED"
  | "CALL_FAILED"
  | "UNKILLABLE"
  | "REATTACH_REFUSED"
  | "CALLBACK_DENIED"
  | "CALLBACK_MALFORMED";

/** What was seen of a program that did not start. Hostile text in it is escaped and cut. */
export interface StartEvidence {
  /** How the process ended, when it did. */
  readonly exit?: { readonly code?: number; readonly signal?: string };
  /** The offending line. */
  readonly line?: string;
  /** The last lines of its error stream. */
  readonly stderrTail: string;
  /** What the runner found out. */
  readonly diagnosis?: string;
  /** One sentence where the cause is a known one. */
  readonly hint?: string;
}

/** Facts beside the code of a {@link ProcessHostError}. */
export interface ProcessHostErrorOptions extends ErrorOptions {
  /** The step in which it happened. */
  readonly phase?: ProcessPhase;
  /** What was seen of a program that did not start. */
  readonly evidence?: StartEvidence;
  /** How the plugin ended, when it did. */
  readonly exit?: ExitReport;
  /** The gRPC status of a failed call. */
  readonly status?: number;
}

/** The one error of this package. Where the contract of `lifecycle` holds, it is the `cause` of a `LifecycleError`. */
export class ProcessHostError extends Error {
  /** The class name, for logs. */
  override readonly name = "ProcessHostError";
  /** What callers branch on. */
  readonly code: ProcessHostErrorCode;
  /** The step in which it happened. */
  readonly phase: ProcessPhase | undefined;
  /** What was seen of a program that did not start. */
  readonly evidence: StartEvidence | undefined;
  /** How the plugin ended, when it did. */
  readonly exit: ExitReport | undefined;
  /** The gRPC status of a failed call. */
  readonly status: number | undefined;

  constructor(code: ProcessHostErrorCode, message: string, options: ProcessHostErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.phase = options.phase;
    this.evidence = options.evidence;
    this.exit = options.exit;
    this.status = options.status;
  }
}

/** Says an error of this package in the words of the contract. */
export function toLifecycleError(error: ProcessHostError): LifecycleError {
  const { phase, exit } = error;
  return new LifecycleError(lifecycleCode(error.code), error.message, {
    cause: error,
    ...(phase === undefined ? {} : { phase }),
    ...(exit === undefined ? {} : { exit }),
  });
}

function lifecycleCode(code: ProcessHostErrorCode): HostErrorCode {
  switch (code) {
    case "HANDSHAKE_TIMEOUT":
      return "HANDSHAKE_TIMEOUT";
    case "HANDSHAKE_MALFORMED":
    case "CORE_UNSUPPORTED":
    case "VERSION_MISMATCH":
    case "PROTOCOL_UNSUPPORTED":
    case "ADDRESS_REFUSED":
    case "CERTIFICATE_MISSING":
    case "CERTIFICATE_MALFORMED":
    case "MULTIPLEX_UNSUPPORTED":
    case "PLUGIN_MISBEHAVED":
    case "LANE_VIOLATED":
    case "CALL_FAILED":
    case "CALLBACK_DENIED":
    case "CALLBACK_MALFORMED":
      return "PROTOCOL";
    case "PLUGIN_CRASHED":
    case "PLUGIN_UNAVAILABLE":
    case "UNKILLABLE":
      return "CRASHED";
    case "CANCELLED":
      return "CANCELLED";
    case "DEADLINE_EXCEEDED":
      return "DEADLINE";
    case "MESSAGE_TOO_LARGE":
      return "RESULT_TOO_LARGE";
    case "STOPPING":
      return "CLOSED";
    case "TOOL_UNKNOWN":
      return "TOOL_UNKNOWN";
    case "UNIMPLEMENTED":
      return "TYPE_UNSUPPORTED";
    case "COMMAND_NOT_ABSOLUTE":
    case "ENVIRONMENT_REFUSED":
    case "SOCKET_DIR_FAILED":
    case "RECORD_FAILED":
    case "SPAWN_FAILED":
    case "EXITED_EARLY":
    case "CONNECT_FAILED":
    case "TLS_FAILED":
    case "HEALTH_MISSING":
    case "NOT_SERVING":
    case "INIT_REFUSED":
    case "INIT_FAILED":
    case "LANE_UNAVAILABLE":
    case "REATTACH_REFUSED":
      return "START_FAILED";
    default:
      return code satisfies never;
  }
}
