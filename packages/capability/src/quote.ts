import { isVisibleCharacter } from "./visible-character.ts";

const MAX_QUOTED_UNITS = 256;

/** Cuts hostile text to the 256 units that an issue may carry. */
export function cut(text: string): string {
  return text.slice(0, MAX_QUOTED_UNITS);
}

/** Puts hostile text in quotes: cut, and with everything escaped that could deceive a reader or a terminal. */
export function quote(text: string): string {
  let quoted = "";
  for (const character of cut(text)) quoted += escape(character);
  return `"${quoted}"${text.length > MAX_QUOTED_UNITS ? "…" : ""}`;
}

function escape(character: string): string {
  if (character === '"' || character === "\\") return `\\${character}`;
  const codePoint = character.codePointAt(0) ?? 0;
  return isVisibleCharacter(codePoint) ? character : `\\u{${codePoint.toString(16)}}`;
}
