/** Why a tool's schema is not used; a closed list. */
export type SchemaFault =
  | "malformed"
  | "too-large"
  | "too-deep"
  | "remote-reference"
  | "dynamic-reference"
  | "unresolved-reference"
  | "pattern";

/** A schema that may be checked against: a copy of the keywords that decide, and nothing else. */
export interface ReadSchema {
  readonly schema: SchemaCopy | boolean;
  /** How many schemas and values it is made of. */
  readonly nodes: number;
  /** Whether the work of a check can grow faster than schema times value: references, patterns, comparison of all items. */
  readonly isCostly: boolean;
  /** The schemas that refer to others. */
  readonly references: readonly SchemaCopy[];
}

/** A schema object without prototype. */
interface SchemaCopy {
  [keyword: string]: unknown;
}

const MOST_NODES = 4_096;
const MOST_DEPTH = 32;
const MOST_TEXT = 262_144;
const LONGEST_PATTERN = 1_024;

const inSchema = new Set(
  "additionalItems unevaluatedItems items contains additionalProperties unevaluatedProperties propertyNames not if then else".split(
    " ",
  ),
);
const inList = new Set("prefixItems items allOf anyOf oneOf".split(" "));
const inMap = new Set(
  "$defs definitions properties patternProperties dependentSchemas dependencies".split(" "),
);
const plain = new Set(
  "type const enum required dependentRequired minProperties maxProperties minContains maxContains minItems maxItems minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength".split(
    " ",
  ),
);

/**
 * Reads the schema that a plugin offers, which may be an attack on whoever checks against it: bounded in size and depth, with references
 * into itself alone. Annotations and `format`, which decides nothing since draft 2019-09, are left out.
 */
export function readSchema(value: unknown): ReadSchema | SchemaFault {
  const reader = new Reader();
  try {
    const schema = reader.schema(value, 0);
    const { nodes, isCostly, references } = reader;
    return { schema, nodes, isCostly, references };
  } catch (error) {
    if (error instanceof Refusal) return error.fault;
    throw error;
  }
}

class Refusal extends Error {
  readonly fault: SchemaFault;

  constructor(fault: SchemaFault) {
    super(fault);
    this.fault = fault;
  }
}

class Reader {
  nodes = 0;
  isCostly = false;
  readonly references: SchemaCopy[] = [];
  #text = 0;

  schema(value: unknown, depth: number): SchemaCopy | boolean {
    this.#count(depth);
    if (typeof value === "boolean") return value;
    if (!isObject(value)) throw new Refusal("malformed");
    const copy: SchemaCopy = Object.create(null);
    for (const [keyword, rule] of Object.entries(value)) {
      this.#measure(keyword);
      if (rule !== undefined) this.#keyword(copy, keyword, rule, depth + 1);
    }
    return copy;
  }

  #keyword(copy: SchemaCopy, keyword: string, rule: unknown, depth: number): void {
    if (keyword === "$ref") this.#reference(copy, rule);
    else if (keyword === "$dynamicRef" || keyword === "$recursiveRef") {
      throw new Refusal("dynamic-reference");
    } else if (keyword === "pattern") copy[keyword] = this.#pattern(rule);
    else if (keyword === "uniqueItems") {
      copy[keyword] = rule === true;
      if (rule === true) this.isCostly = true;
    } else if (keyword === "$anchor" && typeof rule === "string") copy[keyword] = rule;
    else if (inList.has(keyword) && Array.isArray(rule)) {
      copy[keyword] = rule.map((part) => this.schema(part, depth));
    } else if (inSchema.has(keyword)) copy[keyword] = this.schema(rule, depth);
    else if (inMap.has(keyword)) copy[keyword] = this.#map(keyword, rule, depth);
    else if (plain.has(keyword)) {
      this.#value(rule, depth);
      copy[keyword] = rule;
    }
  }

  #map(keyword: string, rule: unknown, depth: number): SchemaCopy {
    if (!isObject(rule)) throw new Refusal("malformed");
    const copy: SchemaCopy = Object.create(null);
    for (const [key, part] of Object.entries(rule)) {
      this.#measure(key);
      if (keyword === "patternProperties") this.#pattern(key);
      const isList = keyword === "dependencies" && Array.isArray(part);
      if (isList) this.#value(part, depth);
      copy[key] = isList ? part : this.schema(part, depth);
    }
    return copy;
  }

  #reference(copy: SchemaCopy, rule: unknown): void {
    if (typeof rule !== "string") throw new Refusal("malformed");
    // Nothing is ever fetched: not for a plugin, and not for who calls it.
    if (!rule.startsWith("#")) throw new Refusal("remote-reference");
    this.#measure(rule);
    this.isCostly = true;
    copy["$ref"] = rule;
    this.references.push(copy);
  }

  #pattern(rule: unknown): string {
    if (typeof rule !== "string" || rule.length > LONGEST_PATTERN) throw new Refusal("pattern");
    this.isCostly = true;
    try {
      return new RegExp(rule, "u").source && rule;
    } catch {
      throw new Refusal("pattern");
    }
  }

  /** Counts a value that the schema names, such as those of `enum`. */
  #value(value: unknown, depth: number): void {
    this.#count(depth);
    if (typeof value === "string") this.#measure(value);
    else if (typeof value === "object" && value !== null) {
      for (const [key, part] of Object.entries(value)) {
        this.#measure(key);
        this.#value(part, depth + 1);
      }
    }
  }

  #count(depth: number): void {
    this.nodes += 1;
    if (depth > MOST_DEPTH) throw new Refusal("too-deep");
    if (this.nodes > MOST_NODES) throw new Refusal("too-large");
  }

  #measure(text: string): void {
    this.#text += text.length;
    if (this.#text > MOST_TEXT) throw new Refusal("too-large");
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
