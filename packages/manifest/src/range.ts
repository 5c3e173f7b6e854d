import { order, readVersion, type Version } from "./version.ts";

interface Bound {
  readonly version: Version;
  readonly inclusive: boolean;
}

/** Every version between two bounds. */
interface Interval {
  readonly from: Bound | undefined;
  readonly to: Bound | undefined;
}

/** A set of versions: alternatives of intervals that all hold. */
export interface VersionRange {
  readonly alternatives: readonly (readonly Comparator[])[];
}

interface Comparator extends Interval {
  /** The version as it was written, when it was complete; only it can let a pre-release in. */
  readonly named: Version | undefined;
}

const MAX_LENGTH = 256;
const MAX_COMPARATORS = 8;
const part = "(?:0|[1-9]\\d*|[xX*])";
const written = new RegExp(
  `^(>=|<=|>|<|=|\\^|~)?\\s*(${part})(?:\\.(${part})(?:\\.(${part})(-[0-9A-Za-z.-]+)?(?:\\+[0-9A-Za-z.-]+)?)?)?$`,
  "u",
);

/** Reads a range: comparators `= > >= < <= ^ ~` on full or partial versions, joined by space, alternatives by `||`. */
export function readRange(text: string): VersionRange | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const alternatives: (readonly Comparator[])[] = [];
  let count = 0;
  for (const alternative of text.split("||")) {
    // An operator may stand apart from its version.
    const words = alternative
      .trim()
      .replaceAll(/(>=|<=|>|<|=|\^|~)\s+/gu, "$1")
      .split(/\s+/u);
    count += words.length;
    const comparators = words.map(readComparator);
    if (count > MAX_COMPARATORS || comparators.includes(undefined)) return undefined;
    alternatives.push(comparators.flatMap((comparator) => comparator ?? []));
  }
  return { alternatives };
}

/** Whether a version is in a range. A pre-release is only where a comparator names the same major.minor.patch with one. */
function satisfies(version: Version, range: VersionRange): boolean {
  return range.alternatives.some(
    (comparators) =>
      comparators.every((comparator) => isWithin(version, comparator)) &&
      (version.pre.length === 0 || comparators.some(({ named }) => namesPre(named, version))),
  );
}

/** Whether a version is in a range of the grammar of `engine` and `dependencies`. What is no version, or no range, answers `false`. */
export function satisfiesRange(version: string, range: string): boolean {
  const [read, within] = [readVersion(version), readRange(range)];
  return read !== undefined && within !== undefined && satisfies(read, within);
}

/** Whether no version at all is in a range. */
export function isUnsatisfiable(range: VersionRange): boolean {
  return range.alternatives.every(isEmpty);
}

function readComparator(text: string): Comparator | undefined {
  const [, operator = "=", ...parts] = written.exec(text) ?? [];
  if (parts.length === 0) return undefined;
  const numbers = parts
    .slice(0, 3)
    .map((digits) => (/^\d+$/u.test(digits ?? "") ? Number(digits) : undefined));
  const given = numbers.indexOf(undefined) === -1 ? 3 : numbers.indexOf(undefined);
  // In 1.x.3 the last number says nothing, and a pre-release belongs to a complete version.
  if (numbers.slice(given).some((number) => number !== undefined)) return undefined;
  if (given < 3 && parts[3] !== undefined) return undefined;
  if (numbers.some((number) => number !== undefined && !Number.isSafeInteger(number))) {
    return undefined;
  }
  const low = readVersion(numbers.map((number) => number ?? 0).join(".") + (parts[3] ?? ""));
  return low && { ...intervalOf(operator, low, given), named: given === 3 ? low : undefined };
}

function intervalOf(operator: string, low: Version, given: number): Interval {
  const from = { version: low, inclusive: true };
  const next = nextAfter(low, given);
  const after = next && { version: next, inclusive: false };
  switch (operator) {
    case ">=":
      return { from, to: undefined };
    case "<":
      return { from: undefined, to: given === 0 ? from : { version: low, inclusive: false } };
    case ">":
      if (given === 3) return { from: { version: low, inclusive: false }, to: undefined };
      return next ? { from: { version: next, inclusive: true }, to: undefined } : nothing;
    case "<=":
      if (given === 3) return { from: undefined, to: from };
      return { from: undefined, to: after };
    case "^":
      return { from, to: caretEnd(low, given) };
    case "~":
      return {
        from,
        to: nextAfter(low, Math.min(given, 2)) && exclusive(nextAfter(low, Math.min(given, 2))),
      };
    default:
      return given === 3 ? { from, to: from } : { from, to: after };
  }
}

const zero: Version = { major: 0, minor: 0, patch: 0, pre: [] };
const nothing: Interval = {
  from: { version: zero, inclusive: false },
  to: { version: zero, inclusive: false },
};

const exclusive = (version: Version | undefined): Bound | undefined =>
  version && { version, inclusive: false };

/** The first version after every version that begins with the given parts; none after "any". */
function nextAfter({ major, minor, patch }: Version, given: number): Version | undefined {
  if (given === 0) return undefined;
  if (given === 1) return { ...zero, major: major + 1 };
  return given === 2
    ? { ...zero, major, minor: minor + 1 }
    : { ...zero, major, minor, patch: patch + 1 };
}

/** A caret allows what leaves the first part that is not zero as it is. */
function caretEnd(low: Version, given: number): Bound | undefined {
  if (low.major > 0 || given === 1) return exclusive(nextAfter(low, Math.min(given, 1)));
  if (low.minor > 0 || given === 2) return exclusive(nextAfter(low, Math.min(given, 2)));
  return exclusive(nextAfter(low, given));
}

function isWithin(version: Version, { from, to }: Interval): boolean {
  const above = from === undefined ? 1 : order(version, from.version);
  const below = to === undefined ? -1 : order(version, to.version);
  return (
    (above > 0 || (above === 0 && from?.inclusive === true)) &&
    (below < 0 || (below === 0 && to?.inclusive === true))
  );
}

const namesPre = (named: Version | undefined, version: Version): boolean =>
  named !== undefined &&
  named.pre.length > 0 &&
  named.major === version.major &&
  named.minor === version.minor &&
  named.patch === version.patch;

/** An intersection of intervals is not empty exactly when one of its lower ends, or what follows it, is inside. */
function isEmpty(comparators: readonly Comparator[]): boolean {
  const candidates = comparators.flatMap(({ from, named }): readonly Version[] => {
    if (from === undefined) return [zero];
    const successors = from.inclusive ? [] : [nextAfter(from.version, 3) ?? zero];
    const pre = named && named.pre.length > 0 ? [{ ...named, pre: [...named.pre, "0"] }] : [];
    return [from.version, ...successors, ...pre];
  });
  const range = { alternatives: [comparators] };
  return !candidates.some(
    (version) => satisfies(version, range) || satisfies({ ...version, pre: [] }, range),
  );
}
