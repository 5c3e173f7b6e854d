/** A value of JSON in a log field. Objects have no prototype. */
export type FieldValue =
  | null
  | boolean
  | number
  | string
  | readonly FieldValue[]
  | { readonly [key: string]: FieldValue };

/** How deep a field may be nested; what lies deeper is replaced by `"[...]"`. */
const MAX_DEPTH = 16;

/** Copies a parsed JSON value into frozen data of bounded depth. Total. */
export function boundedValue(value: unknown): {
  readonly value: FieldValue;
  readonly truncated: boolean;
} {
  let truncated = false;
  const copy = (from: unknown, depth: number): FieldValue => {
    if (from === null || typeof from === "boolean" || typeof from === "number") return from;
    if (typeof from === "string") return from;
    if (typeof from !== "object" || depth > MAX_DEPTH) {
      truncated = true;
      return "[...]";
    }
    if (Array.isArray(from)) return Object.freeze(from.map((item) => copy(item, depth + 1)));
    const object: Record<string, FieldValue> = Object.create(null);
    for (const [key, item] of Object.entries(from)) object[key] = copy(item, depth + 1);
    return Object.freeze(object);
  };
  return { value: copy(value, 1), truncated };
}
