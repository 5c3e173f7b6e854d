/** What could not be done; a closed list. */
export type MissionErrorCode =
  | "DUPLICATE_STEP"
  | "STEP_NOT_STARTED"
  | "STEP_COMPLETED"
  | "IO"
  | "CLOSED";

/** The one error of this package. What an envelope refuses is no error: it stands in the receipt. */
export class MissionError extends Error {
  /** The class name, for logs. */
  override readonly name = "MissionError";
  /** What callers branch on. */
  readonly code: MissionErrorCode;

  constructor(code: MissionErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Runs what may fail on disk, and says what was attempted. */
export async function attempting<T>(attempt: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof MissionError) throw cause;
    const state = cause instanceof Error ? cause.message : "unknown failure";
    throw new MissionError("IO", `Cannot ${attempt}: ${state}`, { cause });
  }
}
