const encoder = new TextEncoder();

/** Deepest JSON that is read from a guest. */
const DEEPEST_JSON = 64;

/** Bytes of a text in UTF-8. */
export const bytesOf = (text: string): number => encoder.encode(text).length;

/** Reads JSON of bounded depth; `undefined` when it is none, for no JSON text means `undefined`. */
export function readJson(text: string): unknown {
  if (depthOf(text) > DEEPEST_JSON) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** How deep brackets nest outside of texts: counted before parsing, for a parser recurses. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (quoted) {
      if (character === "\\") at += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === "[" || character === "{") {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (character === "]" || character === "}") depth -= 1;
  }
  return deepest;
}
