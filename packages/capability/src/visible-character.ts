const PAGE_BITS = 8;
const PAGE_SIZE = 1 << PAGE_BITS;
const pages: (Uint8Array | undefined)[] = [];

// Applied to single code points while a page is filled, never to the text of a caller.
const refused = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}]/u;

/**
 * Answers whether the running Unicode version lets `codePoint` stand in a path: an assigned scalar value
 * that is no control, format, line-separating or private-use character. Reads a table that is filled by
 * pages of 256 code points, so a repeated question allocates nothing.
 */
export function isVisibleCharacter(codePoint: number): boolean {
  const number = codePoint >>> PAGE_BITS;
  const page = (pages[number] ??= fillPage(number));
  return page[codePoint & (PAGE_SIZE - 1)] === 1;
}

function fillPage(number: number): Uint8Array {
  return Uint8Array.from({ length: PAGE_SIZE }, (_, offset) =>
    refused.test(String.fromCodePoint(number * PAGE_SIZE + offset)) ? 0 : 1,
  );
}
