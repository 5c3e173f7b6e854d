/** Why no project was made; a closed list. */
export type ScaffoldErrorCode = "NAME_REFUSED" | "FOLDER_NOT_EMPTY";

/** The one error of this package. Callers branch on `code`; `message` is for people. */
export class ScaffoldError extends Error {
  /** The class name, for logs. */
  override readonly name = "ScaffoldError";
  /** What callers branch on. */
  readonly code: ScaffoldErrorCode;

  constructor(code: ScaffoldErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
