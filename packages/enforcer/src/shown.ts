const MAX_SHOWN_UNITS = 256;

/** Makes a value of a stranger fit for a record: cut to 256 units, everything but printable ASCII escaped. */
export function shown(value: unknown): string {
  if (typeof value !== "string") return `(${value === null ? "null" : typeof value})`;
  let text = "";
  for (const character of value.slice(0, MAX_SHOWN_UNITS)) text += escape(character);
  return text;
}

function escape(character: string): string {
  if (character === "\\") return "\\\\";
  const isPrintable = character >= " " && character <= "~";
  return isPrintable ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
