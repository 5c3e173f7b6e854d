import { SandboxError, type SandboxErrorCode } from "../sandbox-error.ts";

/** Answers the code of what `call` throws; anything but a `SandboxError` is passed on. */
export function codeOf(call: () => unknown): SandboxErrorCode | "nothing" {
  try {
    call();
  } catch (error) {
    if (error instanceof SandboxError) return error.code;
    throw error;
  }
  return "nothing";
}

/** `codeOf` for a promise. */
export async function codeOfAsync(
  promise: Promise<unknown>,
): Promise<SandboxErrorCode | "nothing"> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof SandboxError) return error.code;
    throw error;
  }
  return "nothing";
}
