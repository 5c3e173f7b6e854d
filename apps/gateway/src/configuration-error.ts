/** One fault of a configuration file. */
export interface ConfigurationIssue {
  /** Line, from 1. */
  readonly line: number;
  /** Column, from 1. */
  readonly column: number;
  /** What was attempted, what was found, and what to do. */
  readonly message: string;
}

/** A configuration file that is refused, with everything that is wrong in it. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
  readonly path: string;
  readonly issues: readonly ConfigurationIssue[];

  constructor(path: string, issues: readonly ConfigurationIssue[], options?: ErrorOptions) {
    const lines = issues.map(
      ({ line, column, message }) => `${path}:${line}:${column}: ${message}`,
    );
    super(lines.join("\n"), options);
    this.path = path;
    this.issues = issues;
  }
}
