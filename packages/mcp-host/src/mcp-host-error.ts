/** What went wrong between host and server; a closed list. */
export type McpHostErrorCode =
  | "NOT_JSON"
  | "LINE_TOO_LONG"
  | "TOO_DEEP"
  | "FOREIGN_RESPONSE"
  | "RESULT_MALFORMED"
  | "STREAM_ENDED";

/** The error of this package; it is the `cause` of the contract's `LifecycleError`. */
export class McpHostError extends Error {
  /** The class name, for logs. */
  override readonly name = "McpHostError";
  /** What callers branch on. */
  readonly code: McpHostErrorCode;

  constructor(code: McpHostErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
