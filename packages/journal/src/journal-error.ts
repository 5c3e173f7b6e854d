import type { JournalFault } from "./verdict.ts";

/** What could not be done; a closed list. */
export type JournalErrorCode =
  | "RECORD_NOT_SERIALIZABLE"
  | "RECORD_TOO_LARGE"
  | "JOURNAL_LOCKED"
  | "JOURNAL_SEALED"
  | "JOURNAL_CLOSED"
  | "NOT_VERIFIED"
  | "TRUNCATED"
  | "WRITE_FAILED"
  | "IO";

/** Facts beside the code of a {@link JournalError}. */
export interface JournalErrorOptions extends ErrorOptions {
  /** What does not verify, when that is the reason. */
  readonly fault?: JournalFault;
}

/** The one error of this package. What verification finds is a verdict and never one of these. */
export class JournalError extends Error {
  /** The class name, for logs. */
  override readonly name = "JournalError";
  /** What callers branch on. */
  readonly code: JournalErrorCode;
  /** What does not verify, when that is the reason. */
  readonly fault: JournalFault | undefined;

  constructor(code: JournalErrorCode, message: string, options: JournalErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.fault = options.fault;
  }
}
