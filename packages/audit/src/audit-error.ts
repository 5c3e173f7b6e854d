import { type JournalFault, JournalError } from "@sigilrt/journal";

/** What could not be done; a closed list. */
export type AuditErrorCode =
  | "LOCKED"
  | "NOT_VERIFIED"
  | "REFUSED"
  | "WRITE_FAILED"
  | "CLOSED"
  | "IO";

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

const codes: Readonly<Partial<Record<JournalError["code"], AuditErrorCode>>> = {
  JOURNAL_LOCKED: "LOCKED",
  NOT_VERIFIED: "NOT_VERIFIED",
  TRUNCATED: "NOT_VERIFIED",
  JOURNAL_CLOSED: "CLOSED",
  IO: "IO",
};

/** Says in the words of this package what the journal, the file system or a caller's power threw. */
export function asAuditError(cause: unknown, attempt: string): AuditError {
  if (cause instanceof AuditError) return cause;
  const detail = cause instanceof Error ? cause.message : "unknown failure";
  if (cause instanceof JournalError) {
    const code = codes[cause.code] ?? "WRITE_FAILED";
    const { fault } = cause;
    return new AuditError(code, `${attempt}: ${detail}`, fault ? { cause, fault } : { cause });
  }
  return new AuditError("IO", `${attempt}: ${detail}`, { cause });
}
