/** Shows hostile text in a message: at most 64 characters, quoted, everything but plain ASCII escaped. */
export function quoted(text: string, maxLength = 64): string {
  const shown = text.slice(0, maxLength);
  const escaped = JSON.stringify(shown).replaceAll(
    /[^\u0020-\u007e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return text.length > maxLength ? `${escaped} and more` : escaped;
}
