import { cut, quote } from "./quote.ts";

/** What a {@link CapabilityError} is about. */
export type CapabilityErrorCode =
  | "INVALID_PATTERN"
  | "INVALID_CAPABILITY"
  | "INVALID_PATH"
  | "INVALID_HOST"
  | "LIMIT_EXCEEDED";

/** One thing that is wrong with one input. */
export interface CapabilityIssue {
  /** The input, cut to 256 UTF-16 units. It is hostile text: escape it before you show it. */
  readonly input: string;
  /** Where the fault lies, as a UTF-16 index into the whole input. */
  readonly index: number;
  /** What is wrong and what to write instead. */
  readonly hint: string;
}

/** Text was refused. Callers branch on `code`; the message quotes at most three inputs, cut and escaped. */
export class CapabilityError extends Error {
  /** Always `"CapabilityError"`. */
  override readonly name = "CapabilityError";
  /** Which kind of text was refused. */
  readonly code: CapabilityErrorCode;
  /** What is wrong, where (UTF-16 index) and what to write instead. Never empty. */
  readonly issues: readonly CapabilityIssue[];

  /** Makes the error of one attempt; `attempt` completes the sentence "Cannot …". */
  constructor(code: CapabilityErrorCode, attempt: string, issues: readonly CapabilityIssue[]) {
    super(`Cannot ${attempt}: ${describe(issues)}`);
    this.code = code;
    this.issues = Object.freeze(
      issues.map(({ input, index, hint }) => Object.freeze({ input: cut(input), index, hint })),
    );
  }
}

const MAX_DESCRIBED = 3;

function describe(issues: readonly CapabilityIssue[]): string {
  const described = issues
    .slice(0, MAX_DESCRIBED)
    .map(({ input, index, hint }) => `${quote(input)} at ${index}: ${hint}`);
  const rest = issues.length - described.length;
  return [...described, ...(rest > 0 ? [`and ${rest} more`] : [])].join("; ");
}
