/** Facts beside the code of a {@link PluginFailure}. */
export interface PluginFailureOptions extends ErrorOptions {
  /** Whether the same call may succeed later; `false` by default. */
  readonly retryable?: boolean;
}

/**
 * The failure of a tool that its caller is meant to read. Thrown by `run`, `parse` or `init`; every other error reaches the caller
 * as code `internal` without its text.
 *
 * @throws TypeError when the code is not snake_case of at most 64 characters
 */
export class PluginFailure extends Error {
  /** The class name, for logs. */
  override readonly name = "PluginFailure";
  /** What callers branch on. */
  readonly code: string;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;

  constructor(code: string, message: string, options: PluginFailureOptions = {}) {
    if (!CODE.test(code)) {
      throw new TypeError(
        `Cannot make a plugin failure: its code ${JSON.stringify(code)} is not snake_case of at most 64 characters`,
      );
    }
    super(message, options);
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

const CODE = /^[a-z][a-z0-9_]{0,63}$/u;
