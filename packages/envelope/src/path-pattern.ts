import { checkSafePath, foldKey } from "@sigilrt/canonical";
import { globCovers, globMatches, type SegmentGlob, segmentGlob } from "./segment-glob.ts";

/** Any number of whole segments, also none. */
const ANY = Symbol("**");
type Part = SegmentGlob | typeof ANY;

/** A pattern of relative paths that was checked. */
export interface PathPattern {
  readonly text: string;
  /** As it was written: what is allowed is matched by this. */
  readonly exact: readonly Part[];
  /** Under the fold key: what is denied or protected is matched by this. */
  readonly folded: readonly Part[];
}

/**
 * Checks a pattern of paths: `*` stands for characters within one segment, `**` for whole segments. At the end `**` is at least one
 * segment, elsewhere any number.
 *
 * @throws RangeError for a path that is not safe, a `**` beside other characters, and the signs of other pattern languages
 */
export function parsePathPattern(text: string): PathPattern {
  const fault = patternFault(text);
  if (fault !== undefined) {
    const shown = typeof text === "string" ? JSON.stringify(text.slice(0, 64)) : typeof text;
    throw new RangeError(`Cannot use path pattern ${shown}: ${fault}`);
  }
  return Object.freeze({ text, exact: partsOf(text, same), folded: partsOf(text, foldKey) });
}

/** Whether a pattern matches a path as it is written. */
export const matchesExactly = ({ exact }: PathPattern, segments: readonly string[]): boolean =>
  isMatch(reached(exact, segments), exact);

/** Whether a pattern matches a folded path or a folder above it. */
export function matchesFoldedOrAbove(
  { folded }: PathPattern,
  segments: readonly string[],
): boolean {
  let alive = start(folded);
  for (const segment of segments) {
    alive = step(alive, folded, segment);
    if (isMatch(alive, folded)) return true;
  }
  return false;
}

/** Whether it can be shown that every path of `narrow` is one of `wide`. */
export const patternCovers = (wide: PathPattern, narrow: PathPattern): boolean =>
  covers(wide.exact, narrow.exact);

/** The same under the fold key. */
export const foldedPatternCovers = (wide: PathPattern, narrow: PathPattern): boolean =>
  covers(wide.folded, narrow.folded);

const same = (text: string): string => text;

function patternFault(text: string): string | undefined {
  if (typeof text !== "string") return "not a text";
  // Taken for plain characters, a deny in another pattern language would deny nothing.
  if (/[{}[\]?]/u.test(text)) return "braces, brackets and question marks have no meaning here";
  if (text.startsWith("!")) return "a pattern cannot be negated";
  const unsafe = checkSafePath(text.replaceAll("*", "x"));
  if (unsafe !== undefined) return unsafe;
  const mixed = text.split("/").some((segment) => segment !== "**" && segment.includes("**"));
  return mixed ? '"**" stands alone in its segment' : undefined;
}

function partsOf(text: string, key: (part: string) => string): readonly Part[] {
  const parts: Part[] = text
    .split("/")
    .map((segment) => (segment === "**" ? ANY : segmentGlob(segment, key)));
  return parts.at(-1) === ANY ? [...parts.slice(0, -1), segmentGlob("*", key), ANY] : parts;
}

/** Positions in a pattern that a prefix of a path leads to; bounded by the pattern's length, whatever the path. */
type Alive = ReadonlySet<number>;

const start = (parts: readonly Part[]): Alive => withSkips([0], parts);

function reached(parts: readonly Part[], segments: readonly string[]): Alive {
  let alive = start(parts);
  for (const segment of segments) alive = step(alive, parts, segment);
  return alive;
}

function step(alive: Alive, parts: readonly Part[], segment: string): Alive {
  const next: number[] = [];
  for (const at of alive) {
    const part = parts[at];
    if (part === undefined) continue;
    if (part === ANY) next.push(at);
    else if (globMatches(part, segment)) next.push(at + 1);
  }
  return withSkips(next, parts);
}

function withSkips(positions: readonly number[], parts: readonly Part[]): Alive {
  const alive = new Set<number>();
  for (const position of positions) {
    let at = position;
    alive.add(at);
    while (parts[at] === ANY) {
      at += 1;
      alive.add(at);
    }
  }
  return alive;
}

const isMatch = (alive: Alive, parts: readonly Part[]): boolean => alive.has(parts.length);

/** Sound, not complete: a part of `narrow` that is no fixed segment is covered by a part that takes all of it. */
function covers(wide: readonly Part[], narrow: readonly Part[]): boolean {
  let alive = start(wide);
  for (const part of narrow) {
    const next: number[] = [];
    for (const at of alive) {
      const held = wide[at];
      if (held === undefined) continue;
      if (held === ANY) next.push(at);
      else if (part !== ANY && globCovers(held, part)) next.push(at + 1);
    }
    alive = withSkips(next, wide);
  }
  return alive.has(wide.length);
}
