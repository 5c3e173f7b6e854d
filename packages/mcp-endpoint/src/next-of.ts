/**
 * The next item of an iterator.
 *
 * @throws the reason of `signal` when it aborts first; the item is then lost
 */
export async function nextOf<T>(
  items: AsyncIterator<T>,
  signal: AbortSignal,
): Promise<IteratorResult<T>> {
  signal.throwIfAborted();
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const leave = (): void => reject(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  try {
    return await Promise.race([items.next(), stopped]);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}
