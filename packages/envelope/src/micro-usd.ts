/** An amount of money in millionths of a US dollar. Never a float. */
export type MicroUsd = bigint;

const DECIMAL = /^(?<whole>0|[1-9][0-9]{0,11})(?:\.(?<part>[0-9]{1,6}))?$/u;
const PLACES = 6;
const ONE_USD = 1_000_000n;

/**
 * Reads an amount of dollars, exactly: `"12.50"` is 12,500,000.
 *
 * @throws RangeError for a sign, an exponent, more than 6 places, more than 12 digits before the point, or what is no text
 */
export function parseUsd(text: string): MicroUsd {
  const amount = usdOf(text);
  if (amount !== undefined) return amount;
  const shown = typeof text === "string" ? JSON.stringify(text.slice(0, 32)) : typeof text;
  throw new RangeError(
    `Cannot read an amount of dollars: ${shown} is no decimal text such as "12.50" with at most ${PLACES} places`,
  );
}

/** Reads an amount as {@link parseUsd} does; `undefined` when it is none. */
export function usdOf(text: unknown): MicroUsd | undefined {
  const groups = typeof text === "string" ? DECIMAL.exec(text)?.groups : undefined;
  if (groups === undefined) return undefined;
  const { whole = "0", part = "" } = groups;
  return BigInt(whole) * ONE_USD + BigInt(part.padEnd(PLACES, "0"));
}

/** Writes an amount of dollars in the shortest way that {@link parseUsd} reads back. */
export function formatUsd(amount: MicroUsd): string {
  const part = (amount % ONE_USD).toString().padStart(PLACES, "0").replace(/0+$/u, "");
  return part === "" ? String(amount / ONE_USD) : `${amount / ONE_USD}.${part}`;
}
