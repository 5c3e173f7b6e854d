/** What could not be done; a closed list. */
export type EnvelopeErrorCode = "IO";

/** The one error of this package: something could not be looked at, so nothing was decided. */
export class EnvelopeError extends Error {
  /** The class name, for logs. */
  override readonly name = "EnvelopeError";
  /** What callers branch on. */
  readonly code: EnvelopeErrorCode;

  constructor(code: EnvelopeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The code of a failed system call; empty when it has none. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "";

/** Wraps a failed system call. */
export const ioError = (attempt: string, cause: unknown): EnvelopeError =>
  new EnvelopeError("IO", `Cannot ${attempt}: ${codeOf(cause) || "unknown failure"}`, { cause });
