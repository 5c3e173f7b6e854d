/** Reads a `google.protobuf.Timestamp` in milliseconds since the epoch. */
export function instantMs(
  instant: { readonly seconds: bigint; readonly nanos: number } | undefined,
): number | undefined {
  return instant === undefined
    ? undefined
    : Number(instant.seconds) * 1000 + Math.floor(instant.nanos / 1_000_000);
}
