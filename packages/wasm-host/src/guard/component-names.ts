import type { ByteReader } from "./byte-reader.ts";
import { plainName } from "./plain-name.ts";
import { malformed, unsupported } from "./refusal.ts";

/** Reads the name of an import or export of a component. */
export function readExternName(part: ByteReader): string | undefined {
  const at = part.at;
  const form = part.byte();
  if (form > 1) throw malformed("an unknown form of name", at);
  return part.name();
}

/** Reads what an import or export is. */
export function readExternDescription(part: ByteReader): void {
  const at = part.at;
  const form = part.byte();
  switch (form) {
    case 0x00:
      throw unsupported("core_type", "it imports or exports a core module");
    case 0x01:
    case 0x04:
    case 0x05:
      return void part.u32();
    case 0x03:
      if (part.byte() === 0x00) part.u32();
      return;
    default:
      throw malformed("an unknown kind of import or export", at);
  }
}

/** Reads what kind of thing an index names. */
export function readSort(part: ByteReader): void {
  const at = part.at;
  const sort = part.byte();
  if (sort === 0x00) part.byte();
  else if (sort > 0x05) throw malformed("an unknown sort", at);
}

/** Reads an alias; exports of instances are named by text. */
export function readAlias(part: ByteReader): void {
  readSort(part);
  const at = part.at;
  const target = part.byte();
  if (target > 2) throw malformed("an unknown alias", at);
  part.u32();
  if (target === 2) part.u32();
  else plainName(part.name(), "alias", 0);
}
