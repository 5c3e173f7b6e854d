import { hashSeed } from "./hash.ts";
import { capabilityGrammar, patternGrammar, scan } from "./scan.ts";
import { sameToken, Tokens } from "./tokens.ts";

const left = new Tokens();
const right = new Tokens();

/**
 * Answers whether `pattern` covers `capability`. Malformed input on either side is `false`, and so is
 * anything but strings; it never throws.
 */
export function matchCapability(pattern: string, capability: string): boolean {
  return (
    typeof pattern === "string" &&
    typeof capability === "string" &&
    scan(capability, capabilityGrammar, hashSeed, right) &&
    scan(pattern, patternGrammar, hashSeed, left) &&
    takesAll(left, right)
  );
}

/**
 * Answers whether everything that `a` matches is matched by `b`. Exact: `b` is walked with `a`, each of
 * whose stars counts as one segment that no pattern names. A malformed pattern is contained in nothing
 * and contains nothing.
 */
export function subset(a: string, b: string): boolean {
  return (
    typeof a === "string" &&
    typeof b === "string" &&
    scan(a, patternGrammar, hashSeed, right) &&
    scan(b, patternGrammar, hashSeed, left) &&
    takesAll(left, right)
  );
}

/** Walks with one place to return to, the last star: linear in the product of the two lengths at worst. */
function takesAll(pattern: Tokens, tokens: Tokens): boolean {
  let at = 0;
  let position = 0;
  let afterStar = -1;
  let taken = 0;
  while (at < tokens.count) {
    if (position < pattern.count && pattern.wild[position] === 1) {
      position += 1;
      at += 1;
      afterStar = position;
      taken = at;
      if (afterStar === pattern.count) return true;
    } else if (position < pattern.count && sameToken(pattern, position, tokens, at)) {
      position += 1;
      at += 1;
    } else if (afterStar === -1) {
      return false;
    } else {
      taken += 1;
      at = taken;
      position = afterStar;
    }
  }
  return at === tokens.count && position === pattern.count;
}
