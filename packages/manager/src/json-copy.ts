/** A copy of a value of JSON, with how much it is made of. */
export interface JsonCopy {
  readonly value: unknown;
  readonly nodes: number;
}

const MOST_DEPTH = 64;
const MOST_NODES = 1_000_000;

/**
 * Copies a value of JSON so that its objects have no prototype, and `constructor` is a key like any other. `undefined` for what is no
 * JSON, is nested deeper than 64 levels, or has more than a million parts.
 */
export function copyJson(value: unknown): JsonCopy | undefined {
  let nodes = 0;
  const copy = (part: unknown, depth: number): unknown => {
    nodes += 1;
    if (depth > MOST_DEPTH || nodes > MOST_NODES) throw noJson;
    if (part === null || typeof part === "string" || typeof part === "boolean") return part;
    if (typeof part === "number" && Number.isFinite(part)) return part;
    if (typeof part !== "object") throw noJson;
    if (Array.isArray(part)) return part.map((item) => copy(item, depth + 1));
    const object: Record<string, unknown> = Object.create(null);
    for (const [key, item] of Object.entries(part)) {
      if (item !== undefined) object[key] = copy(item, depth + 1);
    }
    return object;
  };
  try {
    return { value: copy(value, 0), nodes };
  } catch (error) {
    if (error === noJson) return undefined;
    throw error;
  }
}

const noJson = new RangeError("no JSON within bounds");
