import type { GrammarRule } from "./grammar-fault.ts";
import { hashEnd, hashStep } from "./hash.ts";
import { LIMITS } from "./limits.ts";
import type { Tokens } from "./tokens.ts";
import { isVisibleCharacter } from "./visible-character.ts";

/** What may stand in a text: capabilities have no star, and wider limits. */
export interface Grammar {
  readonly units: number;
  readonly tokens: number;
  readonly stars: number;
}

export const capabilityGrammar: Grammar = {
  units: LIMITS.capabilityUnits,
  tokens: LIMITS.capabilityTokens,
  stars: 0,
};

export const patternGrammar: Grammar = {
  units: LIMITS.patternUnits,
  tokens: LIMITS.patternTokens,
  stars: LIMITS.patternStars,
};

const PERCENT = 0x25;
const STAR = 0x2a;
const DOT = 0x2e;
const SLASH = 0x2f;
const BACKSLASH = 0x5c;
// Below U+0300 no character combines with another, so such text is in NFC.
const FIRST_COMBINING = 0x300;

const inName = asciiTable("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-:@[]");

/**
 * Splits `text` into tokens, or answers `false` and leaves the fault in `into`. This is the one reader of the
 * grammar. It makes no substring and allocates nothing, except that text beyond U+0300 is normalised once.
 */
export function scan(text: string, grammar: Grammar, seed: number, into: Tokens): boolean {
  // A decision asks several sets about one capability: what `into` holds of it already is not read again. Four sets
  // about one capability took 690 ns without this and symbols on demand, and 450 ns with both.
  if (into.grammar === grammar && into.seed === seed && into.text === text) return true;
  // A scan that throws half-way, on a full stack, must not pass for one that came to the end of the text.
  into.grammar = undefined;
  if (!scanNames(text, grammar, seed, into)) return false;
  into.grammar = grammar;
  into.seed = seed;
  return true;
}

function scanNames(text: string, grammar: Grammar, seed: number, into: Tokens): boolean {
  into.text = text;
  into.count = 0;
  into.stars = 0;
  const { length } = text;
  if (length === 0) return refuse(into, "empty", 0);
  if (length > grammar.units) return refuse(into, "too-long", grammar.units);

  let at = 0;
  while (true) {
    const start = at;
    let hash = seed;
    for (; at < length; at += 1) {
      const unit = text.charCodeAt(at);
      if (unit >= 0x80 || inName[unit] !== 1) break;
      hash = hashStep(hash, unit);
    }
    if (at > start) {
      if (!push(into, grammar, start, at, hash)) return false;
    } else {
      if (text.charCodeAt(at) !== STAR) return refuse(into, emptyNameRule(text, at), at);
      at += 1;
      if (!pushStar(into, grammar, start, at)) return false;
    }

    if (at === length) return true;
    if (text.charCodeAt(at) !== DOT) return refuse(into, nameRule(text, at, grammar), at);
    at += 1;
    if (text.charCodeAt(at) === SLASH) return scanPath(text, at, grammar, seed, into);
  }
}

/** `root` is the index of the slash after the last name. */
function scanPath(
  text: string,
  root: number,
  grammar: Grammar,
  seed: number,
  into: Tokens,
): boolean {
  const rootHash = hashStep(seed, SLASH);
  if (!push(into, grammar, root, root + 1, rootHash)) return false;
  if (root + 1 === text.length) return true;

  let beyondLatin = false;
  let slash = root;
  while (slash < text.length) {
    const start = slash + 1;
    let at = start;
    if (text.charCodeAt(at) === STAR && isSegmentEnd(text, at + 1)) {
      at += 1;
      if (!pushStar(into, grammar, slash, at)) return false;
      slash = at;
      continue;
    }

    let hash = rootHash;
    for (; !isSegmentEnd(text, at); at += 1) {
      const unit = text.charCodeAt(at);
      hash = hashStep(hash, unit);
      if (unit >= 0x80) {
        const codePoint = text.codePointAt(at)!;
        if (!isVisibleCharacter(codePoint)) return refuse(into, characterRule(codePoint), at);
        beyondLatin ||= unit >= FIRST_COMBINING;
        if (codePoint > 0xffff) {
          at += 1;
          hash = hashStep(hash, text.charCodeAt(at));
        }
      } else if (unit === PERCENT) {
        // Anything else would be decoded by someone, once or twice: %2e%2e, %252e.
        if (!isEscape(text, at)) return refuse(into, "escape", at);
      } else if (unit === STAR) {
        return refuse(into, starRule(grammar), at);
      } else if (unit === BACKSLASH) {
        return refuse(into, "backslash", at);
      } else if (unit < 0x20 || unit === 0x7f) {
        return refuse(into, "path-character", at);
      }
    }

    if (at === start) return refuse(into, "empty-segment", at);
    // Traversal: "../x" would name a file outside the directory that the pattern covers.
    if (isDots(text, start, at)) return refuse(into, "dot-segment", start);
    if (!push(into, grammar, slash, at, hash)) return false;
    slash = at;
  }

  // Two spellings of one file name would be two capabilities, and a deny of one would miss the other.
  if (beyondLatin && text.normalize("NFC") !== text) {
    return refuse(into, "not-nfc", firstDifference(text, text.normalize("NFC")));
  }
  return true;
}

function push(into: Tokens, grammar: Grammar, start: number, end: number, hash: number): boolean {
  const at = into.count;
  if (at === grammar.tokens) return refuse(into, "too-many-tokens", start);
  into.starts[at] = start;
  into.ends[at] = end;
  into.hashes[at] = hashEnd(hash);
  into.wild[at] = 0;
  into.count = at + 1;
  return true;
}

function pushStar(into: Tokens, grammar: Grammar, start: number, end: number): boolean {
  // A wildcard in a request would slip past every narrower deny.
  if (grammar.stars === 0) return refuse(into, "star-in-capability", end - 1);
  if (into.stars === grammar.stars) return refuse(into, "too-many-stars", end - 1);
  if (!push(into, grammar, start, end, 0)) return false;
  into.wild[into.count - 1] = 1;
  into.stars += 1;
  return true;
}

function refuse(into: Tokens, rule: GrammarRule, at: number): false {
  into.count = 0;
  into.fault = rule;
  into.faultAt = at;
  return false;
}

function isSegmentEnd(text: string, at: number): boolean {
  return at >= text.length || text.charCodeAt(at) === SLASH;
}

function isEscape(text: string, at: number): boolean {
  return text.startsWith("%25", at) || text.startsWith("%2A", at);
}

function isDots(text: string, start: number, end: number): boolean {
  return end - start <= 2 && text.charCodeAt(start) === DOT && text.charCodeAt(end - 1) === DOT;
}

function emptyNameRule(text: string, at: number): GrammarRule {
  if (at === text.length || text.charCodeAt(at) === DOT) {
    return text.startsWith("./", at) ? "path-without-name" : "empty-name";
  }
  return text.charCodeAt(at) === SLASH ? "path-without-name" : "name-character";
}

function nameRule(text: string, at: number, grammar: Grammar): GrammarRule {
  const unit = text.charCodeAt(at);
  if (unit === SLASH) return "slash-in-name";
  if (unit === STAR || text.charCodeAt(at - 1) === STAR) return starRule(grammar);
  return "name-character";
}

function starRule(grammar: Grammar): GrammarRule {
  return grammar.stars === 0 ? "star-in-capability" : "partial-star";
}

function characterRule(codePoint: number): GrammarRule {
  return codePoint >= 0xd800 && codePoint <= 0xdfff ? "lone-surrogate" : "path-character";
}

function firstDifference(text: string, normal: string): number {
  let at = 0;
  while (text.charCodeAt(at) === normal.charCodeAt(at)) at += 1;
  return at;
}

function asciiTable(characters: string): Uint8Array {
  const table = new Uint8Array(0x80);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return table;
}
