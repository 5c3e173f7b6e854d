/** Where a command writes. Standard output holds the answer alone, so that it can be piped. */
export interface Terminal {
  /** Writes a line of the answer. */
  readonly out: (line: string) => void;
  /** Writes a line for the person who watches. */
  readonly err: (line: string) => void;
  /** Whether the answer is read on a terminal that shows colours. */
  readonly isColoured?: boolean;
  /**
   * Reads a value that nobody may see from standard input: of a pipe everything, of a terminal one line without showing it. Answers at least
   * one byte more than `maxBytes` where there is more. Without it no secret can be given.
   */
  readonly readSecret?: (question: string, maxBytes: number) => Promise<Uint8Array>;
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
