import type { CoreModule } from "../guard/core-module.ts";
import { beyond } from "../guard/refusal.ts";
import type { WasmLimits } from "../limits.ts";
import { WasmError } from "../wasm-error.ts";
import { ByteWriter } from "./byte-writer.ts";
import { segmentCost } from "./costs.ts";
import type { CounterIndices } from "./rewrite-body.ts";
import { COUNTERS, SectionRewriter } from "./rewrite-sections.ts";

/** Bytes of a page of memory. */
export const PAGE_BYTES = 65_536;

/** A module whose work and growth are counted. */
export interface MeteredModule {
  /** The module. It imports its counters from `$sigil` as mutable globals: `fuel`, `pages`, `elements`, `refused`. */
  readonly bytes: Uint8Array;
  /** Pages that its memories begin with; to be subtracted from `pages` before it is instantiated. */
  readonly pages: number;
  /** Elements that its tables begin with; to be subtracted from `elements` before it is instantiated. */
  readonly elements: number;
  /** What its active segments cost; to be subtracted from `fuel` before it is instantiated. */
  readonly segmentFuel: number;
}

/** Rewrites a module that the guard let pass. @throws {@link WasmError} `LIMIT`, `NAME_REJECTED`, `UNSUPPORTED` */
export function rewriteModule(
  bytes: Uint8Array,
  shape: CoreModule,
  { fuel, limits }: { readonly fuel: boolean; readonly limits: WasmLimits },
): MeteredModule {
  expectNoCounters(shape);
  const pages = sumOfMinima(shape.memories);
  if (pages * PAGE_BYTES > limits.memory_bytes) {
    throw beyond("memory_bytes", pages * PAGE_BYTES, limits.memory_bytes);
  }
  const elements = sumOfMinima(shape.tables);
  if (elements > limits.table_elements) {
    throw beyond("table_elements", elements, limits.table_elements);
  }
  const bounds = {
    pages: Math.floor(limits.memory_bytes / PAGE_BYTES),
    elements: limits.table_elements,
  };
  const sections = new SectionRewriter(bytes, shape, { counters: indices(fuel), bounds });
  const out = new ByteWriter(Math.ceil(bytes.length * 1.5) + 256);
  const contents = new ByteWriter(bytes.length + 256);
  out.copy(bytes, 0, 8);
  for (const { id, start, end } of withImports(shape)) {
    contents.clear();
    sections.write(id, start, end, contents);
    out.push(id);
    out.unsigned(contents.length);
    out.copy(contents.written);
  }
  const { active } = sections;
  const segmentFuel = segmentCost(active.bytes, active.elements);
  return { bytes: out.written.slice(), pages, elements, segmentFuel };
}

const indices = (fuel: boolean): CounterIndices =>
  fuel
    ? { fuel: 0, pages: 1, elements: 2, refused: 3, count: 4 }
    : { fuel: undefined, pages: 0, elements: 1, refused: 2, count: 3 };

const sumOfMinima = (each: readonly { readonly minimum: number }[]): number =>
  each.reduce((sum, { minimum }) => sum + minimum, 0);

/** The sections in order, with one for imports where the module has none. */
function withImports({ sections }: CoreModule): CoreModule["sections"] {
  if (sections.some(({ id }) => id === 2)) return sections;
  const behind = sections[0]?.id === 1 ? 1 : 0;
  return sections.toSpliced(behind, 0, { id: 2, start: 0, end: 0 });
}

/** A guest that shares a counter would fill it up again. */
function expectNoCounters({ imports }: CoreModule): void {
  const index = imports.findIndex(({ module }) => module === COUNTERS);
  if (index < 0) return;
  throw new WasmError(
    "NAME_REJECTED",
    "load",
    `Cannot meter WebAssembly: import ${index} names the counters themselves; import something else`,
  );
}
