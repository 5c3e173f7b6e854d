/** Whether brackets outside strings nest at most `max` deep. Cheap, so that hostile nesting costs nothing. */
export function checkDepth(text: string, max: number): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (inString) {
      if (character === "\\") index += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") depth -= 1;
    if (depth > max) return false;
  }
  return true;
}

/** A JSON value with sorted keys, two spaces and a final newline. */
export function writeSorted(value: unknown): string {
  return `${write(value, "")}\n`;
}

/** The first line, from 1, in which two texts differ. */
export function lineOf(text: string, other: string): number {
  const lines = text.split("\n");
  const others = other.split("\n");
  return 1 + lines.findIndex((line, index) => line !== others[index]);
}

/** Whether a flat map is spelled without escapes and names no key twice; white space is free. */
export function legacyIsPlain(value: Readonly<Record<string, unknown>>, text: string): boolean {
  const values = Object.values(value);
  const strings = values.filter((entry) => typeof entry === "string").length;
  const nested = values.some((entry) => typeof entry === "object" && entry !== null);
  // A key that stands twice was dropped by the parser, but its quotes are still in the text.
  const quotes = 2 * (values.length + strings);
  return !text.includes("\\") && (nested || text.split('"').length - 1 === quotes);
}

function write(value: unknown, indent: string): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const items = value.map((item) => inner + write(item, inner));
    return items.length === 0 ? "[]" : `[\n${items.join(",\n")}\n${indent}]`;
  }
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, member]) => `${inner}${JSON.stringify(key)}: ${write(member, inner)}`);
    return members.length === 0 ? "{}" : `{\n${members.join(",\n")}\n${indent}}`;
  }
  return JSON.stringify(value);
}
