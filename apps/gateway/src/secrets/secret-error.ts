/** Why a secret could not be kept or had. Never holds a value. */
export class SecretError extends Error {
  override readonly name = "SecretError";
}
