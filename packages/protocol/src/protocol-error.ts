/**
 * What went wrong on the wire; a closed list. `CALL_FAILED` carries the gRPC status of the call, `MESSAGE_TOO_LARGE` is a message
 * above the receiver's own limit, `METHOD_UNSUPPORTED` is a method called or served as one of another kind, `LANE_VIOLATED` is what
 * the calls of a lane end with when the other side breaks its rules, and `MUX_VIOLATED` is a multiplexed connection whose other side did.
 */
export type ProtocolErrorCode =
  | "HANDSHAKE_MALFORMED"
  | "CERTIFICATE_MALFORMED"
  | "FRAME_MALFORMED"
  | "FRAME_TOO_LARGE"
  | "LANE_VIOLATED"
  | "MESSAGE_TOO_LARGE"
  | "METHOD_UNSUPPORTED"
  | "MUX_VIOLATED"
  | "REATTACH_MALFORMED"
  | "CONNECT_FAILED"
  | "CALL_FAILED";

/** Facts beside the code of a {@link ProtocolError}. */
export interface ProtocolErrorOptions extends ErrorOptions {
  /** The gRPC status, 1 to 16. */
  readonly status?: number;
}

/** The one error of this package. Callers branch on `code`; `message` is for people. */
export class ProtocolError extends Error {
  /** The class name, for logs. */
  override readonly name = "ProtocolError";
  /** What callers branch on. */
  readonly code: ProtocolErrorCode;
  /** The gRPC status a call ended with; present when a call did. */
  readonly status: number | undefined;

  constructor(code: ProtocolErrorCode, message: string, options: ProtocolErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.status = options.status;
  }
}
