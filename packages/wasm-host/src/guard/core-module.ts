import type { WasmLimits } from "../limits.ts";
import { ByteReader } from "./byte-reader.ts";
import { readCode, readExpression } from "./core-bodies.ts";
import { type MemoryShape, readMemory, readTable, type TableShape } from "./core-storage.ts";
import { plainName } from "./plain-name.ts";
import { beyond, malformed, unsupported } from "./refusal.ts";
import { readReferenceType, readValueType, type ValueType } from "./value-types.ts";

/** The type of a function. */
interface Signature {
  /** Types of its parameters. */
  readonly parameters: readonly ValueType[];
  /** Types of its results. */
  readonly results: readonly ValueType[];
}

/** How many parameters a function takes, and the bytes of its results' types. */
interface FunctionShape {
  /** How many parameters. */
  readonly parameters: number;
  /** One byte for each result. */
  readonly results: Uint8Array;
}

/** An import of a module. */
interface CoreImport {
  /** Module name of the import. */
  readonly module: string;
  /** Field name of the import. */
  readonly name: string;
  /** What is imported. */
  readonly kind: ExternKind;
  /** Its type, for a function. */
  readonly signature: Signature | undefined;
}

/** An export of a module. */
export interface CoreExport {
  /** Its name. */
  readonly name: string;
  /** What is exported. */
  readonly kind: ExternKind;
  /** Its type, for a function. */
  readonly signature: Signature | undefined;
}

/** What the guard learned of a core module. */
export interface CoreModule {
  /** Its imports, in order. */
  readonly imports: readonly CoreImport[];
  /** Its exports, in order. */
  readonly exports: readonly CoreExport[];
  /** How many functions have a body. */
  readonly bodies: number;
  /** The type of each function with a body, as far as rewriting has to know it. */
  readonly functions: readonly FunctionShape[];
  /** The byte of each table's reference type, imported tables first. */
  readonly tableTypes: readonly number[];
  /** Bytes of the memory section's limits, for each memory it defines. */
  readonly memories: readonly MemoryShape[];
  /** Bytes of the table section's limits, for each table it defines. */
  readonly tables: readonly TableShape[];
  /** Where each section lies that is not custom: id and the range of its contents. */
  readonly sections: readonly SectionRange[];
}

/** A section and the range of its contents. */
interface SectionRange {
  /** Its id. */
  readonly id: number;
  /** First byte of its contents. */
  readonly start: number;
  /** First byte behind it. */
  readonly end: number;
}

/** What a module imports or exports. */
type ExternKind = "function" | "table" | "memory" | "global" | "tag";

/** What the guard has to know beside the bytes. */
export interface GuardRules {
  /** The host's limits. */
  readonly limits: WasmLimits;
  /** Whether the engine has the final exception handling. */
  readonly exceptionHandling: boolean;
  /** `any` only for modules that the translator made, after the component's own names were checked. */
  readonly names: "plain" | "any";
}

interface Draft {
  types: (Signature & { readonly resultBytes: Uint8Array })[];
  imports: CoreImport[];
  functions: number[];
  imported: number[];
  exports: { name: string; kind: ExternKind; index: number }[];
  memories: MemoryShape[];
  tables: TableShape[];
  tableTypes: number[];
  bodies: number;
  sections: SectionRange[];
}

const kinds: readonly ExternKind[] = ["function", "table", "memory", "global", "tag"];
const order = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

/** Reads a core module strictly, its bodies included. @throws {@link WasmError} of phase `load` */
export function guardCoreModule(bytes: Uint8Array, rules: GuardRules): CoreModule {
  const reader = new ByteReader(bytes, 8);
  const draft: Draft = {
    types: [],
    imports: [],
    functions: [],
    imported: [],
    exports: [],
    memories: [],
    tables: [],
    tableTypes: [],
    bodies: 0,
    sections: [],
  };
  // Names come before the features of bodies: what an author reads first is what would be dangerous first.
  const later: (() => void)[] = [];
  let last = -1;
  let custom = 0;
  while (reader.more) {
    const at = reader.at;
    const id = reader.byte();
    const part = reader.part(reader.u32());
    if (id === 0) {
      custom += 1;
      if (custom > rules.limits.custom_sections) {
        throw beyond("custom_sections", custom, rules.limits.custom_sections);
      }
      continue;
    }
    const place = order.indexOf(id);
    if (place < 0) throw unsupported("unknown_section", `an unknown section at byte ${at}`);
    if (place <= last) throw malformed("a section out of order or twice", at);
    last = place;
    draft.sections.push({ id, start: part.at, end: part.end });
    const read = (): void => {
      readSection(id, part, draft, rules);
      part.finish();
    };
    if (id <= 3 || id === 7) read();
    else later.push(read);
  }
  for (const read of later) read();
  if (draft.functions.length !== draft.bodies) {
    throw malformed("functions without bodies or bodies without functions", bytes.length);
  }
  return finish(draft);
}

function readSection(id: number, part: ByteReader, draft: Draft, rules: GuardRules): void {
  const { limits } = rules;
  const items = (limit: keyof WasmLimits | undefined, read: () => void): void => {
    const at = part.at;
    const count = part.u32();
    if (limit !== undefined && count > limits[limit]) throw beyond(limit, count, limits[limit]);
    if (count > part.end - part.at) throw malformed("a count that the bytes cannot hold", at);
    for (let index = 0; index < count; index += 1) read();
  };
  switch (id) {
    case 1:
      return items("types", () => draft.types.push(readSignature(part)));
    case 2:
      return items("imports", () => readImport(part, draft, rules));
    case 3:
      return items("functions", () => draft.functions.push(part.u32()));
    case 4:
      return items("tables", () => {
        const table = readTable(part, rules);
        draft.tables.push(table);
        draft.tableTypes.push(table.type);
      });
    case 5:
      return readMemories(part, draft, limits);
    case 6:
      return items("globals", () => {
        readValueType(part);
        part.byte();
        readExpression(part, rules);
      });
    case 7:
      return items("exports", () => {
        const name = readName(part, "export", draft.exports.length, rules);
        draft.exports.push({ name, kind: readKind(part), index: part.u32() });
      });
    case 8:
      return void part.u32();
    case 9:
      return items("segments", () => readElements(part, rules));
    case 10:
      draft.bodies = readCode(part, rules);
      return;
    case 11:
      return items("segments", () => {
        const flags = part.u32();
        if (flags > 2) throw malformed("an unknown data segment", part.at);
        if (flags === 2) part.u32();
        if (flags !== 1) readExpression(part, rules);
        part.skip(part.u32());
      });
    case 12:
      return void part.u32();
    default:
      return items("types", () => {
        part.byte();
        part.u32();
      });
  }
}

function readMemories(part: ByteReader, draft: Draft, limits: WasmLimits): void {
  const count = part.u32();
  if (count > limits.memories) throw unsupported("multi_memory", `${count} memories`);
  for (let index = 0; index < count; index += 1) draft.memories.push(readMemory(part));
}

function readSignature(part: ByteReader): Draft["types"][number] {
  const at = part.at;
  const form = part.byte();
  if (form !== 0x60) {
    const collected = [0x4e, 0x4f, 0x50, 0x5e, 0x5f].includes(form);
    if (collected) throw unsupported("gc", "it declares structures, arrays or subtypes");
    if (form === 0x5d) throw unsupported("stack_switching", "it declares continuations");
    throw unsupported("unknown_type", `an unknown form of type at byte ${at}`);
  }
  const read = (): ValueType[] => Array.from({ length: part.count() }, () => readValueType(part));
  const parameters = read();
  const results = read();
  // A value type is one byte.
  const resultBytes = part.bytes.subarray(part.at - results.length, part.at);
  return { parameters, results, resultBytes };
}

function readName(part: ByteReader, place: string, index: number, rules: GuardRules): string {
  const name = part.name();
  return rules.names === "any" && name !== undefined ? name : plainName(name, place, index);
}

function readImport(part: ByteReader, draft: Draft, rules: GuardRules): void {
  const index = draft.imports.length;
  const module = readName(part, "module of import", index, rules);
  const name = readName(part, "import", index, rules);
  const at = part.at;
  const kind = readKind(part);
  let signature: Signature | undefined;
  switch (kind) {
    case "function": {
      const type = part.u32();
      signature = draft.types[type];
      if (signature === undefined) throw malformed("an import of an unknown type", at);
      draft.imported.push(type);
      break;
    }
    case "table":
      draft.tableTypes.push(readReferenceType(part));
      readMemory(part, "table");
      break;
    case "memory":
      readMemory(part);
      break;
    case "global":
      readValueType(part);
      part.byte();
      break;
    case "tag":
      part.byte();
      part.u32();
      break;
    default:
      return kind satisfies never;
  }
  draft.imports.push({ module, name, kind, signature });
}

function readKind(part: ByteReader): ExternKind {
  const at = part.at;
  const kind = kinds[part.byte()];
  if (kind === undefined) throw malformed("an unknown kind of import or export", at);
  return kind;
}

function readElements(part: ByteReader, rules: GuardRules): void {
  const flags = part.u32();
  if (flags > 7) throw malformed("an unknown element segment", part.at);
  const passive = (flags & 1) !== 0;
  if (!passive) {
    if ((flags & 2) !== 0) part.u32();
    readExpression(part, rules);
  }
  const expressions = (flags & 4) !== 0;
  if ((flags & 3) !== 0) {
    if (expressions) readReferenceType(part);
    else if (part.byte() !== 0) throw malformed("an unknown kind of element", part.at);
  }
  for (let left = part.count(); left > 0; left -= 1) {
    if (expressions) readExpression(part, rules);
    else part.u32();
  }
}

function finish(draft: Draft): CoreModule {
  const all = [...draft.imported, ...draft.functions];
  const exports = draft.exports.map(({ name, kind, index }): CoreExport => {
    const type = kind === "function" ? all[index] : undefined;
    const signature = type === undefined ? undefined : draft.types[type];
    if (kind === "function" && signature === undefined) {
      throw malformed("an export of an unknown function", 0);
    }
    return { name, kind, signature };
  });
  const { imports, bodies, memories, tables, tableTypes, sections } = draft;
  const functions = draft.functions.map((index): FunctionShape => {
    const type = draft.types[index];
    const results = type?.resultBytes ?? new Uint8Array();
    return { parameters: type?.parameters.length ?? 0, results };
  });
  return { imports, exports, bodies, functions, memories, tables, tableTypes, sections };
}
