import { ByteReader } from "./byte-reader.ts";
import { readAlias, readExternDescription, readExternName, readSort } from "./component-names.ts";
import { readComponentType } from "./component-types.ts";
import { type GuardRules, guardCoreModule } from "./core-module.ts";
import { plainName } from "./plain-name.ts";
import { beyond, malformed, unsupported } from "./refusal.ts";

/** What the guard learned of a component. */
export interface Component {
  /** Names of its own imports, versions included. */
  readonly imports: readonly string[];
  /** Names of its own exports. */
  readonly exports: readonly string[];
}

interface Tally {
  modules: number;
  instances: number;
}

/** Reads a component and all it nests strictly. @throws {@link WasmError} of phase `load` */
export function guardComponent(bytes: Uint8Array, rules: GuardRules): Component {
  return readComponent(new ByteReader(bytes, 8), rules, 1, { modules: 0, instances: 0 });
}

function readComponent(
  reader: ByteReader,
  rules: GuardRules,
  depth: number,
  tally: Tally,
): Component {
  const { limits } = rules;
  if (depth > limits.component_depth) {
    throw beyond("component_depth", depth, limits.component_depth);
  }
  const found = { imports: [] as string[], exports: [] as string[] };
  let custom = 0;
  while (reader.more) {
    const at = reader.at;
    const id = reader.byte();
    const part = reader.part(reader.u32());
    if (id === 0) {
      custom += 1;
      if (custom > limits.custom_sections) {
        throw beyond("custom_sections", custom, limits.custom_sections);
      }
      continue;
    }
    readSection(id, part, at, found, { rules, depth, tally });
    // Canonical functions hold no names; the translator checks them.
    if (id !== 8) part.finish();
  }
  return found;
}

interface Nesting {
  readonly rules: GuardRules;
  readonly depth: number;
  readonly tally: Tally;
}

function readSection(
  id: number,
  part: ByteReader,
  at: number,
  found: { imports: string[]; exports: string[] },
  { rules, depth, tally }: Nesting,
): void {
  const { limits } = rules;
  switch (id) {
    case 1: {
      tally.modules += 1;
      if (tally.modules > limits.core_modules) {
        throw beyond("core_modules", tally.modules, limits.core_modules);
      }
      const bytes = part.bytes.subarray(part.at, part.end);
      expectPreamble(bytes, 0x01, at);
      guardCoreModule(bytes, rules);
      return part.skip(part.end - part.at);
    }
    case 2:
      return each(part, () => {
        tally.instances += 1;
        if (tally.instances > limits.core_instances) {
          throw beyond("core_instances", tally.instances, limits.core_instances);
        }
        readInstance(
          part,
          (inner) => void inner.byte(),
          (inner) => inner.name(),
        );
      });
    case 3:
      throw unsupported("core_type", "it declares types of core modules");
    case 4:
      expectPreamble(part.bytes.subarray(part.at, part.end), 0x0d, at);
      part.skip(8);
      return void readComponent(part, rules, depth + 1, tally);
    case 5:
      return each(part, () => readInstance(part, readSort, readExternName));
    case 6:
      return each(part, () => readAlias(part));
    case 7:
      return each(part, () => readComponentType(part, 0));
    case 8:
      return;
    case 10:
      return each(part, () => {
        found.imports.push(plainName(readExternName(part), "import", found.imports.length));
        readExternDescription(part);
      });
    case 11:
      return each(part, () => {
        const name = plainName(readExternName(part), "export", found.exports.length);
        // An awaited object with a function `then` hands the guest the promise's own functions.
        if (name === "then") plainName(" ", "export", found.exports.length);
        found.exports.push(name);
        readSort(part);
        part.u32();
        if (part.byte() === 1) readExternDescription(part);
      });
    default:
      throw unsupported("unknown_section", `an unknown section at byte ${at}`);
  }
}

function each(part: ByteReader, read: () => void): void {
  for (let left = part.count(); left > 0; left -= 1) read();
}

/** An instance is a module or component with arguments, or a bag of what is there already. */
function readInstance(
  part: ByteReader,
  sort: (part: ByteReader) => void,
  exportName: (part: ByteReader) => string | undefined,
): void {
  const at = part.at;
  const form = part.byte();
  if (form > 1) throw malformed("an unknown form of instance", at);
  if (form === 0) part.u32();
  let index = 0;
  each(part, () => {
    plainName(form === 0 ? part.name() : exportName(part), "argument", index);
    index += 1;
    sort(part);
    part.u32();
  });
}

function expectPreamble(bytes: Uint8Array, version: number, at: number): void {
  const layer = version === 0x0d ? 1 : 0;
  const expected = [0x00, 0x61, 0x73, 0x6d, version, 0x00, layer, 0x00];
  if (expected.some((byte, index) => bytes[index] !== byte)) {
    throw malformed("a nested file that is no WebAssembly", at);
  }
}
