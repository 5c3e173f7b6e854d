import { SandboxError } from "../sandbox-error.ts";

/** Answers the code of a refusal; `undefined` for what was not refused, or not by a sandbox. */
export async function codeOfFailure(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return error instanceof SandboxError ? error.code : undefined;
  }
}
