/** What could not be decided; a closed list. A refusal is a value and never one of these. */
export type IntegrityErrorCode = "IO" | "STORE_CORRUPT" | "LOCK_BUSY";

/** The one error of this package: something prevented an answer. */
export class IntegrityError extends Error {
  /** The class name, for logs. */
  override readonly name = "IntegrityError";
  /** What callers branch on. */
  readonly code: IntegrityErrorCode;

  constructor(code: IntegrityErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
