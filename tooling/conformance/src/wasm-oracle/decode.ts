import { type Instruction, readBody, readConstant } from "./decode-body.ts";
import { Cursor } from "./cursor.ts";

/** The type of a function: value types as bytes of the format. */
export interface FunctionType {
  readonly parameters: readonly number[];
  readonly results: readonly number[];
}

/** What a module imports. */
interface Import {
  readonly module: string;
  readonly name: string;
  readonly kind: number;
  /** Type index of a function or tag, value type of a global, reference type of a table. */
  readonly type: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly mutable: boolean;
}

/** A function with a body. */
interface Body {
  readonly locals: readonly number[];
  readonly code: readonly Instruction[];
}

interface Segment {
  readonly mode: "active" | "passive" | "declared";
  readonly target: number;
  readonly offset: readonly Instruction[];
}

interface DataSegment extends Segment {
  readonly bytes: Uint8Array;
}

interface ElementSegment extends Segment {
  readonly items: readonly (readonly Instruction[])[];
}

/** A memory or table: its bounds. */
interface Storage {
  readonly minimum: number;
  readonly maximum: number;
  readonly start: readonly Instruction[] | undefined;
}

/** A module as the specification's binary format describes it. */
export interface Decoded {
  readonly types: FunctionType[];
  readonly imports: Import[];
  readonly functions: number[];
  readonly tables: Storage[];
  readonly memories: Storage[];
  readonly tags: number[];
  readonly globals: { readonly type: number; readonly init: readonly Instruction[] }[];
  readonly exports: { readonly name: string; readonly kind: number; readonly index: number }[];
  start: number | undefined;
  readonly elements: ElementSegment[];
  readonly data: DataSegment[];
  readonly bodies: Body[];
}

/** Decodes a valid module. What is not valid may be read as anything: engines see it first. */
export function decode(bytes: Uint8Array): Decoded {
  const module: Decoded = {
    types: [],
    imports: [],
    functions: [],
    tables: [],
    memories: [],
    tags: [],
    globals: [],
    exports: [],
    start: undefined,
    elements: [],
    data: [],
    bodies: [],
  };
  const file = new Cursor(bytes, 8);
  while (file.at < bytes.length) {
    const id = file.u8();
    const size = file.unsigned();
    readSection(id, new Cursor(bytes, file.at), module);
    file.at += size;
  }
  return module;
}

function readSection(id: number, at: Cursor, module: Decoded): void {
  switch (id) {
    case 1:
      return at.vector(() => {
        at.u8();
        const parameters = at.list(() => at.u8());
        module.types.push({ parameters, results: at.list(() => at.u8()) });
      });
    case 2:
      return at.vector(() => module.imports.push(readImport(at)));
    case 3:
      return at.vector(() => module.functions.push(at.unsigned()));
    case 4:
      return at.vector(() => {
        const initialised = at.bytes[at.at] === 0x40;
        if (initialised) at.at += 2;
        at.u8();
        const bounds = readBounds(at);
        module.tables.push({ ...bounds, start: initialised ? readConstant(at) : undefined });
      });
    case 5:
      return at.vector(() => module.memories.push({ ...readBounds(at), start: undefined }));
    case 6:
      return at.vector(() => {
        const type = at.u8();
        at.u8();
        module.globals.push({ type, init: readConstant(at) });
      });
    case 7:
      return at.vector(() => {
        module.exports.push({ name: at.name(), kind: at.u8(), index: at.unsigned() });
      });
    case 8:
      module.start = at.unsigned();
      return;
    case 9:
      return at.vector(() => module.elements.push(readElements(at)));
    case 10:
      return at.vector(() => {
        const size = at.unsigned();
        const end = at.at + size;
        const locals: number[] = [];
        at.vector(() => {
          const count = at.unsigned();
          const type = at.u8();
          for (let left = count; left > 0; left -= 1) locals.push(type);
        });
        module.bodies.push({ locals, code: readBody(at, module.types) });
        at.at = end;
      });
    case 11:
      return at.vector(() => module.data.push(readData(at)));
    case 13:
      return at.vector(() => {
        at.u8();
        module.tags.push(at.unsigned());
      });
    default:
  }
}

function readImport(at: Cursor): Import {
  const module = at.name();
  const name = at.name();
  const kind = at.u8();
  const none = { minimum: 0, maximum: Infinity, mutable: false };
  switch (kind) {
    case 0:
      return { module, name, kind, type: at.unsigned(), ...none };
    case 1:
      return { module, name, kind, type: at.u8(), mutable: false, ...readBounds(at) };
    case 2:
      return { module, name, kind, type: 0, mutable: false, ...readBounds(at) };
    case 3: {
      const type = at.u8();
      return { module, name, kind, type, ...none, mutable: at.u8() === 1 };
    }
    default:
      at.u8();
      return { module, name, kind, type: at.unsigned(), ...none };
  }
}

function readBounds(at: Cursor): { minimum: number; maximum: number } {
  const bounded = at.u8() === 1;
  const minimum = at.unsigned();
  return { minimum, maximum: bounded ? at.unsigned() : Infinity };
}

function readElements(at: Cursor): ElementSegment {
  const form = at.unsigned();
  const passive = form % 2 === 1;
  const second = Math.floor(form / 2) % 2 === 1;
  const target = !passive && second ? at.unsigned() : 0;
  const offset = passive ? [] : readConstant(at);
  if (passive || second) at.u8();
  const items = at.list((): readonly Instruction[] =>
    form >= 4 ? readConstant(at) : [{ op: 0xd2, a: at.unsigned() }],
  );
  const mode = passive ? (second ? "declared" : "passive") : "active";
  return { mode, target, offset, items };
}

function readData(at: Cursor): DataSegment {
  const form = at.unsigned();
  const target = form === 2 ? at.unsigned() : 0;
  const offset = form === 1 ? [] : readConstant(at);
  const length = at.unsigned();
  const bytes = at.bytes.slice(at.at, at.at + length);
  at.at += length;
  return { mode: form === 1 ? "passive" : "active", target, offset, bytes };
}
