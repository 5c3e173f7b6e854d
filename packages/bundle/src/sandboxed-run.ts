/** A program to run against an extracted bundle. */
export interface SandboxedCommand {
  /** The program and its arguments: the name of a runtime that the sandbox offers, such as `node`, or a path below the tree. */
  readonly command: readonly [string, ...string[]];
  /** The folder that the program sees read-only, as its working folder. */
  readonly tree: string;
  /** Takes what the program prints, in order; the bytes are copied before it returns. */
  readonly output: (stream: "stdout" | "stderr", bytes: Uint8Array) => void;
  /** Ends the program at once, and everything that it started. */
  readonly signal: AbortSignal;
}

/** How a program ended. */
export interface SandboxedExit {
  /** Exit code; `null` when a signal ended it. */
  readonly code: number | null;
  /** The signal; `null` when there was none. */
  readonly signal: string | null;
}

/**
 * Runs one program in a sandbox without network, without secrets in its environment, with the tree read-only and one empty scratch
 * folder as `TMPDIR`. It settles when nothing of the program is left and all output was handed over, also after `signal` aborted; it
 * rejects when the sandbox could not start the program.
 */
export type SandboxedRun = (command: SandboxedCommand) => Promise<SandboxedExit>;
