const MAX_UNITS = 128;
const deceptive = /[^\u0020-\u007E]/gu;

/** Shows hostile text in a message: cut, in quotes, and with everything but plain ASCII escaped. */
export function quoted(text: string): string {
  const shown = JSON.stringify(text.slice(0, MAX_UNITS)).replaceAll(
    deceptive,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
  return text.length > MAX_UNITS ? `${shown} and more` : shown;
}
