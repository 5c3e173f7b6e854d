import type { ByteReader } from "./byte-reader.ts";
import { malformed, unsupported } from "./refusal.ts";

/** A number type of WebAssembly. */
export type NumericType = "i32" | "i64" | "f32" | "f64";

/** A type of a value: a number, or one that does not cross to the host. */
export type ValueType = NumericType | "other";

const plainTypes: ReadonlyMap<number, ValueType> = new Map([
  [0x7f, "i32"],
  [0x7e, "i64"],
  [0x7d, "f32"],
  [0x7c, "f64"],
  [0x7b, "other"],
  [0x70, "other"],
  [0x6f, "other"],
  [0x69, "other"],
]);

/** Bytes that begin a type of the garbage collection or typed references proposals. */
const collected = new Set([
  0x78, 0x77, 0x74, 0x73, 0x72, 0x71, 0x6e, 0x6d, 0x6c, 0x6b, 0x6a, 0x68, 0x64, 0x63,
]);

/** Whether a byte is a value type of the default set. */
export const isValueType = (byte: number): boolean => plainTypes.has(byte);

/** Reads a value type. */
export function readValueType(reader: ByteReader): ValueType {
  const at = reader.at;
  const byte = reader.byte();
  const type = plainTypes.get(byte);
  if (type !== undefined) return type;
  if (collected.has(byte)) throw unsupported("gc", "it uses typed or collected references");
  throw malformed("an unknown value type", at);
}

/** Reads a reference type and answers its byte. */
export function readReferenceType(reader: ByteReader): number {
  const byte = reader.peek();
  if (byte !== 0x70 && byte !== 0x6f && byte !== 0x69) {
    if (byte !== undefined && collected.has(byte)) {
      throw unsupported("gc", "it uses typed or collected references");
    }
    throw malformed("an unknown reference type", reader.at);
  }
  return reader.byte();
}
