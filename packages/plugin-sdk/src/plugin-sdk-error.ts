/**
 * Why a plugin is not served, or got no answer of its host; a closed list. `CERTIFICATE_MALFORMED` is a host whose certificate cannot be read, `VERSION_UNSUPPORTED`
 * one that offers no version of the contract that this SDK speaks. `CALLBACK_DENIED` is a question that the host does not allow,
 * `CALLBACK_FAILED` one that it did not answer.
 */
export type PluginSdkErrorCode =
  | "NOT_A_PLUGIN_HOST"
  | "VERSIONS_MALFORMED"
  | "VERSION_UNSUPPORTED"
  | "CERTIFICATE_MALFORMED"
  | "LISTEN_FAILED"
  | "CALLBACK_DENIED"
  | "CALLBACK_FAILED";

/** The one error of this package: the plugin is not served, or its host does not answer. Callers branch on `code`; `message` is one sentence for people. */
export class PluginSdkError extends Error {
  /** The class name, for logs. */
  override readonly name = "PluginSdkError";
  /** What callers branch on. */
  readonly code: PluginSdkErrorCode;

  constructor(code: PluginSdkErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    // Uncaught it is read by whoever started the program, to whom the frames of this package say nothing.
    this.stack = `${this.name}: ${message}`;
  }
}
