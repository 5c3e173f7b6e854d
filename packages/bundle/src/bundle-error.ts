/** What could not be done or decided; a closed list. A refusal is a value and never one of these. */
export type BundleErrorCode = "IO" | "TARGET_EXISTS" | "SANDBOX_UNAVAILABLE" | "INTERNAL";

/** The one error of this package: something prevented an answer. */
export class BundleError extends Error {
  /** The class name, for logs. */
  override readonly name = "BundleError";
  /** What callers branch on. */
  readonly code: BundleErrorCode;

  constructor(code: BundleErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** What the file system said, as the error that a caller may branch on. `attempt` begins with a verb. */
export function ioError(attempt: string, cause: unknown): BundleError {
  const detail = codeOf(cause) ?? "unknown failure";
  return new BundleError("IO", `Cannot ${attempt}: ${detail}`, { cause });
}

/** The code of a system error, such as `ENOSPC`. */
export function codeOf(cause: unknown): string | undefined {
  return cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
}
