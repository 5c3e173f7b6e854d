import type { GrammarRule } from "./grammar-fault.ts";
import { LIMITS } from "./limits.ts";
import type { Grammar } from "./scan.ts";

/**
 * The tokens of one text, in buffers that are used again. A token is a range of the text: a name
 * (`data`), the root (`/`), a path segment with its slash (`/data`) or a star. The slash keeps the three kinds of
 * literal apart, so a name never equals a directory.
 */
export class Tokens {
  text = "";
  /** With what `text` was scanned to its end; absent grammar: it was not, or was refused. */
  grammar: Grammar | undefined = undefined;
  seed = 0;
  count = 0;
  stars = 0;
  /** Where each token begins and ends in `text`. */
  readonly starts = new Int32Array(LIMITS.capabilityTokens);
  readonly ends = new Int32Array(LIMITS.capabilityTokens);
  readonly hashes = new Int32Array(LIMITS.capabilityTokens);
  /** 1 where the token is a star. */
  readonly wild = new Uint8Array(LIMITS.capabilityTokens);
  /** The symbol of each token in the table that resolves them; negative where it was not asked yet. */
  readonly symbols = new Int32Array(LIMITS.capabilityTokens);
  /** What the last scan refused, and where. */
  fault: GrammarRule = "empty";
  faultAt = 0;

  /** Copies the token at `at` out of the buffers. */
  read(at: number): string {
    return this.wild[at] === 1 ? "*" : this.text.slice(this.starts[at], this.ends[at]);
  }

  /** Copies all tokens out of the buffers. */
  readAll(): string[] {
    return Array.from({ length: this.count }, (_, at) => this.read(at));
  }
}

/** Answers whether a token of one text is a token of the other, character for character. */
export function sameToken(a: Tokens, at: number, b: Tokens, other: number): boolean {
  if (a.hashes[at] !== b.hashes[other] || a.wild[at] !== b.wild[other]) return false;
  let left = a.starts[at]!;
  let right = b.starts[other]!;
  const end = a.ends[at]!;
  if (end - left !== b.ends[other]! - right) return false;
  while (left < end) {
    if (a.text.charCodeAt(left) !== b.text.charCodeAt(right)) return false;
    left += 1;
    right += 1;
  }
  return true;
}
