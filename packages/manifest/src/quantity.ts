import { ManifestError, type ManifestIssue, type ManifestRule, quote } from "./manifest-error.ts";

type Parsed =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly rule: ManifestRule; readonly message: string };

const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
const unitOrder = ["h", "m", "s", "ms"];
const unitBytes: Readonly<Record<string, number>> = {
  Ki: 1_024,
  Mi: 1_024 ** 2,
  Gi: 1_024 ** 3,
  Ti: 1_024 ** 4,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
};
const LONGEST_MS = 24 * 3_600_000;

/**
 * Reads a duration such as `30s` or `1m30s` as milliseconds: units `h m s ms` in falling order, each once, at most 24 h.
 *
 * @throws {@link ManifestError} `INVALID`
 */
export function parseDuration(text: string): number {
  return valueOf(readDuration(text));
}

/**
 * Reads a size such as `256Mi`, `4M` or `1024` as bytes: a positive whole number, units of 1024 or 1000.
 *
 * @throws {@link ManifestError} `INVALID`
 */
export function parseSize(text: string | number): number {
  return valueOf(readSize(text));
}

/** As {@link parseDuration}, answering the broken rule instead of throwing. */
export function readDuration(text: string): Parsed {
  const fail = (rule: ManifestRule, state: string): Parsed => ({
    ok: false,
    rule,
    message: `Cannot use ${quote(text)} as a duration: ${state}`,
  });
  if (text.startsWith("-")) return fail("duration.negative", "negative");
  const written =
    text.length > 32 ? null : /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/u.exec(text);
  if (written === null || text === "") {
    return fail("duration.malformed", "write whole numbers with h, m, s or ms, as in 1m30s");
  }
  const value = unitOrder.reduce(
    (sum, unit, index) => sum + Number(written[index + 1] ?? 0) * (unitMs[unit] ?? 0),
    0,
  );
  return value > LONGEST_MS ? fail("duration.range", "longer than 24h") : { ok: true, value };
}

/** As {@link parseSize}, answering the broken rule instead of throwing. */
export function readSize(input: string | number): Parsed {
  const text = String(input);
  const fail = (rule: ManifestRule, state: string): Parsed => ({
    ok: false,
    rule,
    message: `Cannot use ${quote(text)} as a size: ${state}`,
  });
  const [, digits, unit] =
    text.length > 32 ? [] : (/^(\d+)(Ki|Mi|Gi|Ti|k|M|G|T)?$/u.exec(text) ?? []);
  if (digits === undefined) {
    return fail("size.malformed", "write a whole number of bytes, or one with Ki Mi Gi Ti k M G T");
  }
  const value = Number(digits) * (unit === undefined ? 1 : (unitBytes[unit] ?? Number.NaN));
  if (value === 0) return fail("size.range", "zero");
  return Number.isSafeInteger(value)
    ? { ok: true, value }
    : fail("size.range", "more than 2^53 - 1 bytes");
}

function valueOf(parsed: Parsed): number {
  if (parsed.ok) return parsed.value;
  const { rule, message } = parsed;
  const issue: ManifestIssue = Object.freeze({ severity: "error", rule, path: [], message });
  throw new ManifestError("INVALID", [issue]);
}
