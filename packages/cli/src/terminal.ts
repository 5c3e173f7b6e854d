/** Where a command writes. Standard output holds the answer alone, so that it can be piped. */
export interface Terminal {
  /** Writes a line of the answer. */
  readonly out: (line: string) => void;
  /** Writes a line for the person who watches. */
  readonly err: (line: string) => void;
}

/**
 * Makes text from outside safe to show: control characters, those that change the direction of text, and invisible ones are written as
 * `\u{…}`, so that a name can forge neither a line nor a terminal sequence.
 */
export function escaped(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
