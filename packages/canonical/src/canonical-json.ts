import { CanonicalError } from "./canonical-error.ts";
import { decodeUtf8 } from "./utf8.ts";

/** A value of JSON. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** Why a value has no canonical form. */
export type NotRepresentableReason = "not-json" | "non-finite" | "lone-surrogate" | "too-deep";

/** Why bytes are not canonical JSON. */
export type NotCanonicalReason =
  | NotRepresentableReason
  | "too-large"
  | "not-utf8"
  | "syntax"
  | "not-canonical";

/** How much {@link parseCanonical} accepts. */
export interface ParseCanonicalOptions {
  /** Bytes at most; 1 MiB. */
  readonly maxBytes?: number;
}

const MAX_DEPTH = 64;
const MAX_BYTES = 1_048_576;

/**
 * Writes a value as canonical JSON (RFC 8785): keys sorted by UTF-16 code unit, ECMAScript numbers, no white space. It
 * coerces nothing: `toJSON` is not called, and each property is read once.
 *
 * @throws {@link CanonicalError} `NOT_REPRESENTABLE` with reason `not-json` (`undefined`, holes, functions, symbols, bigints,
 * objects that are neither plain nor arrays), `non-finite`, `lone-surrogate`, or `too-deep` (over 64 containers; cycles end here)
 */
export function canonicalize(value: JsonValue): string {
  return write(value, 0);
}

/**
 * Reads canonical JSON and accepts exactly what {@link canonicalize} writes, so that duplicate keys, other spellings of one
 * value and numbers beyond 2^53 cannot pass.
 *
 * @throws {@link CanonicalError} `NOT_CANONICAL` with reason `too-large`, `not-utf8`, `syntax`, `not-canonical`, `lone-surrogate`
 * or `too-deep`
 */
export function parseCanonical(bytes: Uint8Array, options: ParseCanonicalOptions = {}): JsonValue {
  const { maxBytes = MAX_BYTES } = options;
  if (bytes.length > maxBytes) {
    throw notCanonical("too-large", `${bytes.length} bytes, more than ${maxBytes}`);
  }
  const text = decodeUtf8(bytes);
  if (text === undefined) throw notCanonical("not-utf8", "not valid UTF-8");

  const value = parseJson(text);
  let written: string;
  try {
    written = canonicalize(value);
  } catch (cause) {
    if (!(cause instanceof CanonicalError)) throw cause;
    throw new CanonicalError("NOT_CANONICAL", cause.reason, cause.message, { cause });
  }
  if (written !== text) {
    throw notCanonical("not-canonical", "another spelling of the value than the canonical one");
  }
  return value;
}

function write(value: unknown, depth: number): string {
  switch (typeof value) {
    case "string":
      return writeString(value);
    case "number":
      if (!Number.isFinite(value)) throw notRepresentable("non-finite", "a number is not finite");
      return String(value);
    case "boolean":
      return value ? "true" : "false";
    case "object":
      return value === null ? "null" : writeContainer(value, depth + 1);
    case "undefined":
    case "function":
    case "symbol":
    case "bigint":
      break;
  }
  throw notRepresentable("not-json", `${typeof value} is no JSON value`);
}

function writeContainer(value: object, depth: number): string {
  if (depth > MAX_DEPTH) {
    throw notRepresentable("too-deep", `more than ${MAX_DEPTH} containers inside each other`);
  }
  return isArray(value) ? writeArray(value, depth) : writeObject(value, depth);
}

function writeArray(items: readonly unknown[], depth: number): string {
  const { length } = items;
  // A hole, or a property beside the items, would vanish or be coerced to null.
  if (Object.keys(items).length !== length || Object.getOwnPropertySymbols(items).length > 0) {
    throw notRepresentable("not-json", "an array has a hole or further properties");
  }
  let text = "[";
  for (let index = 0; index < length; index += 1) {
    if (index > 0) text += ",";
    text += write(items[index], depth);
  }
  return `${text}]`;
}

function writeObject(value: object, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw notRepresentable("not-json", "an object is neither plain nor an array");
  }
  if (Object.getOwnPropertySymbols(value).length > 0) {
    throw notRepresentable("not-json", "a key is a symbol");
  }
  let text = "{";
  // The default order of `sort` is by UTF-16 code unit, as RFC 8785 asks.
  // oxlint-disable-next-line unicorn/no-array-sort -- a fresh array, and toSorted costs a copy for each object
  for (const key of Object.keys(value).sort()) {
    if (text.length > 1) text += ",";
    text += `${writeString(key)}:${write(Reflect.get(value, key), depth)}`;
  }
  return `${text}}`;
}

/** Short texts that need no escape, which most keys and words are. */
const MAX_PLAIN = 64;
const plainForm = /^[ !#-[\]-~]*$/u;

function writeString(text: string): string {
  if (text.length <= MAX_PLAIN && plainForm.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) {
    throw notRepresentable("lone-surrogate", "a string or key holds half a surrogate pair");
  }
  return JSON.stringify(text);
}

function parseJson(text: string): JsonValue {
  try {
    // JSON.parse answers nothing but JSON values; its declared type is `any`.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    throw new CanonicalError("NOT_CANONICAL", "syntax", "Cannot read canonical JSON: not JSON", {
      cause,
    });
  }
}

const isArray: (value: object) => value is readonly unknown[] = Array.isArray;

const notRepresentable = (reason: NotRepresentableReason, detail: string): CanonicalError =>
  new CanonicalError("NOT_REPRESENTABLE", reason, `Cannot write canonical JSON: ${detail}`);

const notCanonical = (reason: NotCanonicalReason, detail: string): CanonicalError =>
  new CanonicalError("NOT_CANONICAL", reason, `Cannot read canonical JSON: ${detail}`);
