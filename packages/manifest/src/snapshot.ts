import { errorAt, type Finding, type IssuePath } from "./issue.ts";
import { quote } from "./manifest-error.ts";

/** Plain data: what JSON can hold, in objects without prototype. */
export type Plain = null | boolean | number | string | readonly Plain[] | PlainObject;
/** An object of {@link Plain} without prototype. */
export interface PlainObject {
  /** Any key but those that could reach a prototype. */
  readonly [key: string]: Plain;
}

/** Data that was read once, and what could not be taken over. */
export interface Snapshot {
  readonly value: Plain;
  readonly findings: readonly Finding[];
}

const MAX_DEPTH = 16;
const MAX_NODES = 4_096;
const dangerous = new Set(["__proto__", "constructor", "prototype"]);

/** Whether a key could reach a prototype; such a key is unknown wherever it stands. */
export const isDangerousKey = (key: string): boolean => dangerous.has(key);

/**
 * Copies a decoded value as plain data. Every property is read once, and no getter and no `toJSON` is run, so that what is
 * checked is what is used.
 */
export function takeSnapshot(value: unknown): Snapshot {
  const findings: Finding[] = [];
  let nodes = 0;

  const copy = (input: unknown, path: IssuePath): Plain => {
    nodes += 1;
    if (nodes === MAX_NODES + 1) {
      findings.push(
        errorAt(path, "yaml.nodes", `Cannot read manifest: more than ${MAX_NODES} values`),
      );
    }
    if (nodes > MAX_NODES) return null;
    if (path.length > MAX_DEPTH) {
      findings.push(
        errorAt(path, "yaml.depth", `Cannot read manifest: nested deeper than ${MAX_DEPTH}`),
      );
      return null;
    }
    switch (typeof input) {
      case "string":
      case "boolean":
        return input;
      case "number":
        if (Number.isFinite(input)) return input;
        break;
      case "object":
        if (input === null) return null;
        return Array.isArray(input) ? copyList(input, path) : copyObject(input, path);
      case "undefined":
        return null;
      case "function":
      case "symbol":
      case "bigint":
        break;
    }
    findings.push(
      errorAt(path, "field.type", `Cannot use a ${typeof input} in a manifest: no JSON value`),
    );
    return null;
  };

  const copyList = (list: readonly unknown[], path: IssuePath): readonly Plain[] =>
    Array.from({ length: Math.min(list.length, MAX_NODES + 1) }, (_, index) =>
      copy(ownValue(list, String(index), [...path, index], findings), [...path, index]),
    );

  const copyObject = (object: object, path: IssuePath): PlainObject => {
    const result = emptyObject();
    for (const key of Object.keys(object)) {
      const place = [...path, key];
      if (isDangerousKey(key)) {
        const message = `Cannot use key ${quote(key)}: no manifest has it`;
        findings.push(errorAt(place, "field.unknown", message, { atKey: true }));
        continue;
      }
      result[key] = copy(ownValue(object, key, place, findings), place);
    }
    return result;
  };

  return { value: copy(value, []), findings };
}

/** An empty object without prototype. */
export function emptyObject(): Record<string, Plain> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Object.create is typed any
  return Object.create(null) as Record<string, Plain>;
}

function ownValue(holder: object, key: string, path: IssuePath, findings: Finding[]): unknown {
  const property = Object.getOwnPropertyDescriptor(holder, key);
  if (property?.get === undefined && property?.set === undefined) return property?.value;
  findings.push(
    errorAt(path, "field.type", "Cannot use a computed property: a manifest is plain data"),
  );
  return undefined;
}
