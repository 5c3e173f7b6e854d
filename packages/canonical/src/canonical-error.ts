import type { FileListReason } from "./file-list.ts";
import type { NotCanonicalReason } from "./canonical-json.ts";
import type { UnsafePathReason } from "./safe-path.ts";

/** What could not be done; a closed list. */
export type CanonicalErrorCode =
  | "NOT_REPRESENTABLE"
  | "NOT_CANONICAL"
  | "UNSAFE_PATH"
  | "FILE_LIST_MALFORMED";

/** Why it could not be done: the rule that failed. */
export type CanonicalErrorReason = NotCanonicalReason | UnsafePathReason | FileListReason;

/** Facts beside the reason of a {@link CanonicalError}. */
export interface CanonicalErrorOptions extends ErrorOptions {
  /** The line of a file list, counted from 1. */
  readonly line?: number;
}

/** The one error of this package. */
export class CanonicalError extends Error {
  /** The class name, for logs. */
  override readonly name = "CanonicalError";
  /** What callers branch on. */
  readonly code: CanonicalErrorCode;
  /** The rule that failed. */
  readonly reason: CanonicalErrorReason;
  /** The line of a file list, counted from 1; absent elsewhere. */
  readonly line: number | undefined;

  constructor(
    code: CanonicalErrorCode,
    reason: CanonicalErrorReason,
    message: string,
    options: CanonicalErrorOptions = {},
  ) {
    super(message, options);
    this.code = code;
    this.reason = reason;
    this.line = options.line;
  }
}
