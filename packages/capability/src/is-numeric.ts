/** Answers whether `text` is one or more ASCII digits. */
export function isNumeric(text: string): boolean {
  return text.length > 0 && Array.from(text).every((digit) => digit >= "0" && digit <= "9");
}
