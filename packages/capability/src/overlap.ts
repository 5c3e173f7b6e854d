import { isPattern, parseCapability, tokensOf } from "./parse.ts";
import { joinTokens, shortestCommon } from "./product.ts";
import type { Capability } from "./vocabulary.ts";

/**
 * Returns a shortest capability that both patterns match, or `undefined` when there is none. A malformed
 * pattern overlaps nothing. Takes time in the product of the two lengths.
 */
export function overlap(a: string, b: string): Capability | undefined {
  if (!isPattern(a) || !isPattern(b)) return undefined;
  return overlapOf(tokensOf(a), tokensOf(b));
}

/** Like `overlap`, for the tokens of well-formed patterns. */
export function overlapOf(a: readonly string[], b: readonly string[]): Capability | undefined {
  const common = shortestCommon(a, b);
  return common && parseCapability(joinTokens(common));
}
