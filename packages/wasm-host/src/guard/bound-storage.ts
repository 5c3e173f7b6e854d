import type { WasmLimits } from "../limits.ts";
import type { CoreModule } from "./core-module.ts";
import { beyond } from "./refusal.ts";

const PAGE = 65_536;

/** A module whose memories and tables cannot pass the limits, and what they take at most. */
export interface BoundModule {
  /** The module, without custom sections, with a maximum at every memory and table. */
  readonly bytes: Uint8Array;
  /** Pages that its memories take at most. */
  readonly pages: number;
  /** Elements that its tables take at most. */
  readonly elements: number;
}

/** A module as read by the guard. */
export interface GuardedModule {
  /** Its bytes. */
  readonly bytes: Uint8Array;
  /** What the guard learned of it. */
  readonly shape: CoreModule;
}

/**
 * Lowers the maximum of every memory and table, and adds absent ones, so that all modules together stay within
 * `memory_bytes` and `table_elements`. Each keeps its minimum; of what the minima leave, the largest gets seven eighths and
 * the others share the rest. @throws {@link WasmError} `LIMIT` when the minima alone are too much
 */
export function boundStorage(
  modules: readonly GuardedModule[],
  limits: WasmLimits,
): readonly BoundModule[] {
  const total = Math.floor(limits.memory_bytes / PAGE);
  const memories = modules.map(({ shape }) => shape.memories);
  const tables = modules.map(({ shape }) => shape.tables);
  const pages = share(memories, total, (found) =>
    beyond("memory_bytes", found * PAGE, limits.memory_bytes),
  );
  const elements = share(tables, limits.table_elements, (found) =>
    beyond("table_elements", found, limits.table_elements),
  );
  return modules.map((module, index) => {
    const ofMemories = pages[index] ?? [];
    const ofTables = elements[index] ?? [];
    return {
      bytes: rewrite(module, ofMemories, ofTables),
      pages: sum(ofMemories),
      elements: sum(ofTables),
    };
  });
}

interface Bounds {
  readonly minimum: number;
  readonly maximum: number | undefined;
}

function share(
  modules: readonly (readonly Bounds[])[],
  total: number,
  refuse: (found: number) => Error,
): readonly (readonly number[])[] {
  const all = modules.flat();
  const minima = sum(all.map(({ minimum }) => minimum));
  if (minima > total) throw refuse(minima);
  const rest = total - minima;
  const largest = all.toSorted((a, b) => b.minimum - a.minimum)[0];
  const others = all.length - 1;
  const most = others === 0 ? rest : rest - Math.floor(rest / 8);
  const least = others === 0 ? 0 : Math.floor((rest - most) / others);
  return modules.map((bounds) =>
    bounds.map((each) =>
      Math.min(each.maximum ?? Infinity, each.minimum + (each === largest ? most : least)),
    ),
  );
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

function rewrite(
  { bytes, shape }: GuardedModule,
  pages: readonly number[],
  elements: readonly number[],
): Uint8Array {
  const parts: Uint8Array[] = [bytes.subarray(0, 8)];
  for (const { id, start, end } of shape.sections) {
    const contents =
      id === 4
        ? tableSection(bytes, shape, elements)
        : id === 5
          ? [leb(pages.length), ...shape.memories.map((m, i) => bounds(m.minimum, pages[i] ?? 0))]
          : [bytes.subarray(start, end)];
    const length = sum(contents.map((part) => part.length));
    parts.push(Uint8Array.of(id), leb(length), ...contents);
  }
  return concat(parts);
}

function tableSection(
  bytes: Uint8Array,
  { tables }: CoreModule,
  elements: readonly number[],
): Uint8Array[] {
  const entries = tables.flatMap(({ start, limitsAt, limitsEnd, end, minimum }, index) => [
    bytes.subarray(start, limitsAt),
    bounds(minimum, elements[index] ?? 0),
    bytes.subarray(limitsEnd, end),
  ]);
  return [leb(tables.length), ...entries];
}

const bounds = (minimum: number, maximum: number): Uint8Array =>
  concat([Uint8Array.of(1), leb(minimum), leb(maximum)]);

function leb(value: number): Uint8Array {
  const bytes: number[] = [];
  let left = value;
  do {
    const low = left % 128;
    left = Math.floor(left / 128);
    bytes.push(left > 0 ? low + 128 : low);
  } while (left > 0);
  return Uint8Array.from(bytes);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(sum(parts.map((part) => part.length)));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
