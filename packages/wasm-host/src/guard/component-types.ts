import type { ByteReader } from "./byte-reader.ts";
import { readAlias, readExternDescription, readExternName } from "./component-names.ts";
import { plainName } from "./plain-name.ts";
import { malformed, unsupported } from "./refusal.ts";

/** Types nest by declarations of declarations; a person writes three levels. */
const DEEPEST = 32;

/** Reads a type of a component; every name in it must be plain. */
export function readComponentType(part: ByteReader, depth: number): void {
  if (depth > DEEPEST) throw malformed("types that nest too deep", part.at);
  const at = part.at;
  const form = part.byte();
  const valueOrNone = (): void => {
    if (part.byte() === 1) readValue(part);
  };
  if (form >= 0x73 && form <= 0x7f) return;
  switch (form) {
    case 0x72: // record
      return each(part, (index) => {
        plainName(part.name(), "field", index);
        readValue(part);
      });
    case 0x71: // variant
      return each(part, (index) => {
        plainName(part.name(), "case", index);
        valueOrNone();
        if (part.byte() !== 0) throw malformed("an unknown form of case", part.at);
      });
    case 0x70: // list
    case 0x6b: // option
      return readValue(part);
    case 0x6f: // tuple
      return each(part, () => readValue(part));
    case 0x6e: // flags
    case 0x6d: // enum
      return each(part, (index) => void plainName(part.name(), "label", index));
    case 0x6a: // result
      valueOrNone();
      return valueOrNone();
    case 0x69: // own
    case 0x68: // borrow
      return void part.u32();
    case 0x40:
      each(part, (index) => {
        plainName(part.name(), "parameter", index);
        readValue(part);
      });
      if (part.byte() === 0) readValue(part);
      else if (part.byte() !== 0) throw malformed("an unknown form of result", part.at);
      return;
    case 0x3f: // resource
      part.byte();
      if (part.byte() === 1) part.u32();
      return;
    case 0x41: // component
    case 0x42: // instance
      return each(part, (index) => readDeclaration(part, index, depth));
    case 0x43:
    case 0x66:
    case 0x65:
    case 0x64:
    case 0x3e:
      throw unsupported("component_async", "it uses asynchronous functions or streams");
    default:
      throw malformed("an unknown type", at);
  }
}

function readDeclaration(part: ByteReader, index: number, depth: number): void {
  const at = part.at;
  const form = part.byte();
  switch (form) {
    case 0x00:
      throw unsupported("core_type", "it declares types of core modules");
    case 0x01:
      return readComponentType(part, depth + 1);
    case 0x02:
      return readAlias(part);
    case 0x03:
    case 0x04:
      plainName(readExternName(part), "declaration", index);
      return readExternDescription(part);
    default:
      throw malformed("an unknown declaration", at);
  }
}

function readValue(part: ByteReader): void {
  const byte = part.peek();
  if (byte !== undefined && byte >= 0x73 && byte <= 0x7f) return void part.byte();
  if (byte === 0x64) throw unsupported("component_async", "it uses error contexts");
  part.leb(33);
}

function each(part: ByteReader, read: (index: number) => void): void {
  const count = part.count();
  for (let index = 0; index < count; index += 1) read(index);
}
