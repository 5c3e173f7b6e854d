/** A version in the sense of SemVer 2.0.0, without its build metadata, which has no order. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  readonly pre: readonly string[];
}

const numeric = "(?:0|[1-9]\\d*)";
const preId = `(?:${numeric}|\\d*[A-Za-z-][0-9A-Za-z-]*)`;
const semver = new RegExp(
  `^(${numeric})\\.(${numeric})\\.(${numeric})(?:-(${preId}(?:\\.${preId})*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
  "u",
);
const MAX_LENGTH = 128;

/** Reads a strict SemVer 2.0.0 version of at most 128 characters; no leading `v`. */
export function readVersion(text: string): Version | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const [, major, minor, patch, pre] = semver.exec(text) ?? [];
  if (major === undefined) return undefined;
  const numbers = [major, minor, patch].map(Number);
  if (!numbers.every(Number.isSafeInteger)) return undefined;
  const [first = 0, second = 0, third = 0] = numbers;
  return { major: first, minor: second, patch: third, pre: pre?.split(".") ?? [] };
}

/**
 * Orders two versions by SemVer 2.0.0 section 11: negative when `left` is older, 0 when neither is, `undefined` when one of them
 * is no version.
 */
export function compareVersions(left: string, right: string): number | undefined {
  const [a, b] = [readVersion(left), readVersion(right)];
  return a && b && order(a, b);
}

/** As {@link compareVersions}, of versions that were read. */
export function order(left: Version, right: Version): number {
  return (
    left.major - right.major ||
    left.minor - right.minor ||
    left.patch - right.patch ||
    comparePre(left.pre, right.pre)
  );
}

function comparePre(left: readonly string[], right: readonly string[]): number {
  // A version without pre-release is above the same one with.
  if (left.length === 0 || right.length === 0) return right.length - left.length;
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const a = left[index];
    const b = right[index];
    if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
    if (a !== b) return compareIds(a, b);
  }
  return 0;
}

function compareIds(a: string, b: string): number {
  const numbers = [/^\d+$/u.test(a), /^\d+$/u.test(b)] as const;
  if (numbers[0] && numbers[1]) return a.length - b.length || (a < b ? -1 : 1);
  if (numbers[0] !== numbers[1]) return numbers[0] ? -1 : 1;
  return a < b ? -1 : 1;
}
