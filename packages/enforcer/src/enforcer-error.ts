import type { Denied } from "./decision.ts";
import type { GrantReview } from "./grant.ts";

/** What an {@link EnforcerError} is about. */
export type EnforcerErrorCode =
  | "DENIED"
  | "DUPLICATE_PLUGIN"
  | "UNKNOWN_PLUGIN"
  | "INVALID_GRANT"
  | "CONSENT_REQUIRED"
  | "WIDENING"
  | "LIMIT_EXCEEDED"
  | "AUDIT_UNAVAILABLE";

/** What an {@link EnforcerError} carries besides its code and message. */
export interface EnforcerErrorOptions extends ErrorOptions {
  /** The denial, with `DENIED`. */
  readonly decision?: Denied;
  /** What a person has to agree to, with `CONSENT_REQUIRED`. */
  readonly review?: GrantReview;
}

/** An attempt failed. Callers branch on `code`. The message of `DENIED` holds no reason and may reach a plugin. */
export class EnforcerError extends Error {
  /** Always `"EnforcerError"`. */
  override readonly name = "EnforcerError";
  /** Which attempt failed. */
  readonly code: EnforcerErrorCode;
  /** The denial, with `DENIED`. For the host alone. */
  readonly decision: Denied | undefined;
  /** What a person has to agree to, with `CONSENT_REQUIRED`. */
  readonly review: GrantReview | undefined;

  /** Makes the error of one attempt. */
  constructor(code: EnforcerErrorCode, message: string, options: EnforcerErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.decision = options.decision;
    this.review = options.review;
  }
}
