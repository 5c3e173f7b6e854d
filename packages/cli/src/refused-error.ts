/** A verdict, and no failure: what was looked at is refused. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  /** The exit code that says so. */
  readonly exitCode: number;

  constructor(exitCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
