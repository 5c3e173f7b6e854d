import { CapabilityError, type CapabilityIssue } from "./capability-error.ts";
import { type Conflict, findConflicts } from "./conflicts.ts";
import { intersectPatterns, type IntersectOptions, maxPatternsOf } from "./intersect.ts";
import { LIMITS } from "./limits.ts";
import { isPattern, patternIssue, tokensOf } from "./parse.ts";
import { capabilityGrammar, type Grammar, patternGrammar, scan } from "./scan.ts";
import { Tokens } from "./tokens.ts";
import { Trie } from "./trie.ts";
import type { Pattern } from "./vocabulary.ts";

const tokens = new Tokens();
const maker = Symbol("CapabilitySet.from");

/**
 * An immutable set of patterns. It contains a capability when one of its patterns covers it; an empty set
 * contains nothing. Checks allocate nothing and remember nothing of what they were asked.
 */
export class CapabilitySet {
  /** The set without patterns: it contains nothing. */
  static readonly empty: CapabilitySet = new CapabilitySet(maker, []);

  /** The patterns, sorted by code unit, without duplicates, frozen. Equal sets have equal lists. */
  readonly patterns: readonly Pattern[];
  #compiled: { readonly trie: Trie; readonly root: number } | undefined;

  private constructor(key: symbol, patterns: readonly Pattern[]) {
    // Unparsed patterns, or a subclass that answers anything, would pass for a set.
    if (key !== maker) {
      throw new TypeError("Cannot construct CapabilitySet: use CapabilitySet.from");
    }
    this.patterns = Object.freeze(patterns);
    Object.freeze(this);
  }

  /**
   * Makes a set. Order and duplicates do not matter. One malformed pattern refuses all of them: a malformed
   * deny that was quietly dropped would allow.
   *
   * @throws {@link CapabilityError} INVALID_PATTERN with every issue, LIMIT_EXCEEDED past 10,000 patterns or
   *   256 patterns with a star that is not last. TypeError when `patterns` is text or cannot be iterated
   */
  static from(patterns: Iterable<string>): CapabilitySet {
    if (typeof patterns === "string") {
      throw new TypeError("Cannot make a capability set of one string: pass a list of patterns");
    }
    const distinct = new Set<unknown>();
    for (const pattern of patterns) {
      distinct.add(pattern);
      if (distinct.size > LIMITS.setPatterns)
        throw tooMany(pattern, "patterns", LIMITS.setPatterns);
    }
    return CapabilitySet.#make(parseAll(distinct));
  }

  /** Answers `instanceof`: only what `from` made is a set, whatever its prototype chain says. */
  static [Symbol.hasInstance](value: unknown): value is CapabilitySet {
    return typeof value === "object" && value !== null && #compiled in value;
  }

  /** Answers whether a pattern of this set covers `capability`. Malformed input is `false`; never throws. */
  contains(capability: string): boolean {
    return this.#match(capability, capabilityGrammar) >= 0;
  }

  /** Returns a pattern that covers `capability`; the same one for equal sets. Never throws. */
  explain(capability: string): Pattern | undefined {
    return this.patterns[this.#match(capability, capabilityGrammar)];
  }

  /** Answers whether this set and `other` both contain `capability`. Never throws. */
  allowedBy(other: CapabilitySet, capability: string): boolean {
    return this.contains(capability) && other.contains(capability);
  }

  /** Answers whether this set contains everything that `other` contains. Exact. */
  covers(other: CapabilitySet): boolean {
    return other.patterns.every((pattern) => this.#match(pattern, patternGrammar) >= 0);
  }

  /** Lists the patterns of `other` that this set does not cover. Exact. */
  excess(other: CapabilitySet): readonly Pattern[] {
    return Object.freeze(
      other.patterns.filter((pattern) => this.#match(pattern, patternGrammar) < 0),
    );
  }

  /**
   * Lists every pair of a pattern of this set and one of `deny` that overlap, each with a witness. Takes
   * time in the product of the two sizes.
   */
  conflicts(deny: CapabilitySet): readonly Conflict[] {
    return Object.freeze(findConflicts(this.patterns, deny.patterns));
  }

  /** Lists the patterns that another pattern of this set covers: without them the set means the same. */
  redundant(): readonly Pattern[] {
    return Object.freeze(
      this.patterns.filter((pattern, at) => this.#match(pattern, patternGrammar, at) >= 0),
    );
  }

  /**
   * Returns the set that contains exactly what both contain, or `undefined` when it needs more than
   * `maxPatterns` patterns, or one past the limits of the grammar. Never approximate.
   *
   * @throws RangeError when `maxPatterns` is no integer from 1 to 10,000
   */
  intersect(other: CapabilitySet, options: IntersectOptions = {}): CapabilitySet | undefined {
    const most = maxPatternsOf(options);
    const alternatives = intersectPatterns(this.#essential(), other.#essential(), most);
    if (!alternatives || surplusStar(alternatives) !== undefined) return undefined;
    const essential = CapabilitySet.#make(alternatives).#essential();
    return essential.length > most ? undefined : CapabilitySet.#make(essential);
  }

  /** The patterns that no other pattern covers. */
  #essential(): readonly Pattern[] {
    return this.patterns.filter((pattern, at) => this.#match(pattern, patternGrammar, at) < 0);
  }

  static #make(patterns: Iterable<Pattern>): CapabilitySet {
    return new CapabilitySet(maker, [...patterns].toSorted());
  }

  #match(text: string, grammar: Grammar, except?: number): number {
    if (typeof text !== "string") return -1;
    const { trie, root } = (this.#compiled ??= compile(this.patterns));
    if (!scan(text, grammar, trie.symbols.seed, tokens)) return -1;
    trie.symbols.resolve(tokens);
    return trie.match(root, tokens, except);
  }
}

function compile(patterns: readonly Pattern[]): { readonly trie: Trie; readonly root: number } {
  const trie = new Trie();
  const root = trie.addRoot();
  for (const pattern of patterns) trie.insert(root, pattern);
  return { trie, root };
}

function parseAll(inputs: ReadonlySet<unknown>): readonly Pattern[] {
  const patterns: Pattern[] = [];
  const issues: CapabilityIssue[] = [];
  for (const input of inputs) {
    if (isPattern(input)) patterns.push(input);
    else issues.push(patternIssue(input));
  }
  if (issues.length > 0) {
    throw new CapabilityError("INVALID_PATTERN", "make a capability set", issues);
  }
  const surplus = surplusStar(patterns);
  if (surplus !== undefined) {
    throw tooMany(surplus, "patterns with a star that is not last", LIMITS.setInnerStars);
  }
  return patterns;
}

/** The first pattern with an inner star past the limit: such patterns make a walk hold many nodes. */
function surplusStar(patterns: Iterable<Pattern>): Pattern | undefined {
  return [...patterns].filter((pattern) => hasInnerStar(pattern))[LIMITS.setInnerStars];
}

function hasInnerStar(pattern: Pattern): boolean {
  return tokensOf(pattern).slice(0, -1).includes("*");
}

function tooMany(input: unknown, what: string, limit: number): CapabilityError {
  const hint = `it is one more than the ${limit} ${what} of a set; use fewer`;
  return new CapabilityError("LIMIT_EXCEEDED", "make a capability set", [
    { input: typeof input === "string" ? input : `(${typeof input})`, index: 0, hint },
  ]);
}
