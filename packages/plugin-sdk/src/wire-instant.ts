/** An instant as `google.protobuf.Timestamp` has it. Throws a `TypeError` for a date that is none. */
export function instantOf(date: Date): { readonly seconds: bigint; readonly nanos: number } {
  const ms = date.getTime();
  if (!Number.isFinite(ms)) throw new TypeError("Cannot tell an instant: the date is invalid");
  const seconds = Math.floor(ms / 1000);
  return { seconds: BigInt(seconds), nanos: (ms - seconds * 1000) * 1_000_000 };
}
