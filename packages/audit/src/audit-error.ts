import type { JournalFault } from "@sigilrt/journal";

/** What could not be done; a closed list. */
export type AuditErrorCode = "LOCKED" | "NOT_VERIFIED" | "WRITE_FAILED" | "CLOSED" | "IO";

/** Facts beside the code of an {@link AuditError}. */
export interface AuditErrorOptions extends ErrorOptions {
  /** What does not verify, when that is the reason. */
  readonly fault?: JournalFault;
}

/** The one error of this package. */
export class AuditError extends Error {
  /** The class name, for logs. */
  override readonly name = "AuditError";
  /** What callers branch on. */
  readonly code: AuditErrorCode;
  /** What does not verify, when that is the reason. */
  readonly fault: JournalFault | undefined;

  constructor(code: AuditErrorCode, message: string, options: AuditErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.fault = options.fault;
  }
}
