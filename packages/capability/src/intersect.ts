import { LIMITS } from "./limits.ts";
import { subset } from "./match-capability.ts";
import { isPattern, tokensOf } from "./parse.ts";
import { allCommon, joinTokens } from "./product.ts";
import type { Pattern } from "./vocabulary.ts";

/** How far {@link CapabilitySet.intersect} may go. */
export interface IntersectOptions {
  /** The most patterns the result may have; 1,000 by default, an integer from 1 to 10,000. */
  readonly maxPatterns?: number;
}

/** Reads `maxPatterns`. @throws RangeError */
export function maxPatternsOf({ maxPatterns = 1000 }: IntersectOptions): number {
  if (!Number.isInteger(maxPatterns) || maxPatterns < 1 || maxPatterns > LIMITS.setPatterns) {
    throw new RangeError(
      `Cannot intersect: maxPatterns is ${String(maxPatterns)}; pass an integer from 1 to ${LIMITS.setPatterns}`,
    );
  }
  return maxPatterns;
}

/**
 * Lists patterns that together match what a pattern of `a` and a pattern of `b` both match. They may be
 * redundant. `undefined` when one of them would pass the limits of the grammar, or when two patterns alone
 * need more than `most`.
 */
export function intersectPatterns(
  a: readonly Pattern[],
  b: readonly Pattern[],
  most: number,
): ReadonlySet<Pattern> | undefined {
  const found = new Set<Pattern>();
  for (const left of a) {
    for (const right of b) {
      const common = intersectPair(left, right, most);
      if (!common) return undefined;
      for (const pattern of common) found.add(pattern);
      if (found.size > LIMITS.setPatterns) return undefined;
    }
  }
  return found;
}

function intersectPair(p: Pattern, q: Pattern, most: number): readonly Pattern[] | undefined {
  if (subset(p, q)) return [p];
  if (subset(q, p)) return [q];
  const alternatives = allCommon(tokensOf(p), tokensOf(q), most);
  if (!alternatives) return undefined;

  const patterns: Pattern[] = [];
  const tooLong: (readonly string[])[] = [];
  for (const tokens of alternatives) {
    const text = joinTokens(tokens);
    if (isPattern(text)) patterns.push(text);
    else tooLong.push(tokens);
  }
  const parts = patterns.map(tokensOf);
  const isNeeded = (tokens: readonly string[]): boolean =>
    !parts.some((part) => takesAll(part, tokens));
  return tooLong.some(isNeeded) ? undefined : patterns;
}

/** Answers whether `pattern` contains a pattern that is too long to be scanned. */
function takesAll(pattern: readonly string[], tokens: readonly string[]): boolean {
  let reached = new Set([0]);
  for (const token of tokens) {
    const next = new Set<number>();
    for (const at of reached) {
      if (pattern[at] === "*" || (pattern[at] === token && token !== "*")) next.add(at + 1);
      if (pattern[at - 1] === "*") next.add(at);
    }
    reached = next;
  }
  return reached.has(pattern.length);
}
