import { hashSeed, hashText } from "./hash.ts";
import type { Tokens } from "./tokens.ts";

/** The symbol of every token that no pattern of the table names. */
export const OTHER = 0;

const UNRESOLVED = -1;
const MAX_PROBES = 64;
const MAX_SEEDS = 8;
const FIRST_SLOTS = 8;

/**
 * Numbers the literal tokens of patterns, from 1. Text of capabilities is looked up and never stored, so
 * requests cannot make the table grow.
 */
export class SymbolTable {
  #seed: number;
  #seeds = 1;
  #slots = new Int32Array(FIRST_SLOTS);
  #literals: string[] = [""];
  #hashes: number[] = [0];

  constructor(seed: number = hashSeed) {
    this.#seed = seed;
  }

  /** The seed with which tokens must be scanned before they are looked up here. */
  get seed(): number {
    return this.#seed;
  }

  /** How many literals have a symbol. */
  get size(): number {
    return this.#literals.length - 1;
  }

  /** Answers the symbol of a token, or `OTHER` for a star and for a literal without one. */
  find(tokens: Tokens, at: number): number {
    if (tokens.wild[at] === 1) return OTHER;
    const mask = this.#slots.length - 1;
    const hash = tokens.hashes[at]!;
    let slot = hash & mask;
    while (true) {
      const symbol = this.#slots[slot]!;
      if (symbol === 0) return OTHER;
      if (this.#hashes[symbol] === hash && this.#isLiteral(symbol, tokens, at)) return symbol;
      slot = (slot + 1) & mask;
    }
  }

  /** Makes this table the one whose symbols `tokens` carries. Each is looked up when `symbolOf` is first asked for it. */
  resolve(tokens: Tokens): void {
    for (let at = 0; at < tokens.count; at += 1) tokens.symbols[at] = UNRESOLVED;
  }

  /** Answers what `find` does for tokens that this table resolves, and looks it up once. */
  symbolOf(tokens: Tokens, at: number): number {
    const known = tokens.symbols[at]!;
    return known === UNRESOLVED ? (tokens.symbols[at] = this.find(tokens, at)) : known;
  }

  /** Answers the symbol of a literal token, and gives it one when it has none. When it changes `seed`, the
   *  tokens must be scanned again. */
  intern(tokens: Tokens, at: number): number {
    const known = this.find(tokens, at);
    if (known !== OTHER) return known;
    const symbol = this.#literals.length;
    this.#literals.push(tokens.read(at));
    this.#hashes.push(tokens.hashes[at]!);
    if (symbol * 2 > this.#slots.length) this.#rebuild(this.#slots.length * 2);
    else if (!this.#place(symbol)) this.#reseed();
    return symbol;
  }

  #isLiteral(symbol: number, tokens: Tokens, at: number): boolean {
    const literal = this.#literals[symbol]!;
    const start = tokens.starts[at]!;
    return literal.length === tokens.ends[at]! - start && tokens.text.startsWith(literal, start);
  }

  #place(symbol: number): boolean {
    const mask = this.#slots.length - 1;
    let slot = this.#hashes[symbol]! & mask;
    let probes = 1;
    while (this.#slots[slot] !== 0) {
      slot = (slot + 1) & mask;
      probes += 1;
    }
    this.#slots[slot] = symbol;
    return probes <= MAX_PROBES || this.#seeds === MAX_SEEDS;
  }

  #rebuild(slots: number): void {
    this.#slots = new Int32Array(slots);
    let placed = true;
    for (let symbol = 1; symbol < this.#literals.length; symbol += 1) {
      placed = this.#place(symbol) && placed;
    }
    if (!placed) this.#reseed();
  }

  /** Colliding literals: somebody guessed the seed, so the table takes another. */
  #reseed(): void {
    this.#seeds += 1;
    this.#seed = hashText("reseed", this.#seed);
    this.#hashes = this.#literals.map((literal) => hashText(literal, this.#seed));
    this.#rebuild(this.#slots.length);
  }
}
