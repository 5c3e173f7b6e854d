/** Why a store of values did not do what a plugin asked. */
export type KvErrorCode = "MALFORMED" | "TOO_LARGE" | "FULL";

const states: Readonly<Record<KvErrorCode, string>> = {
  MALFORMED: "a key has 1 to 1,024 bytes of well-formed text",
  TOO_LARGE: "a value has at most 256 KiB",
  FULL: "its store is full; delete something first",
};

/** A refusal of the store; its text names neither key nor value. */
export class KvError extends Error {
  override readonly name = "KvError";
  readonly code: KvErrorCode;

  constructor(code: KvErrorCode, options?: ErrorOptions) {
    super(`Cannot use the store of a plugin: ${states[code]}`, options);
    this.code = code;
  }
}
