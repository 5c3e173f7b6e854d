import { meterModule } from "@sigilrt/wasm-host/meter";
import type { Random } from "./generate-bytes.ts";
import type { Engine, Observation } from "./observe.ts";
import { createOracle } from "./oracle-engine.ts";
import { createV8 } from "./v8-engine.ts";

/** Room that no module outgrows. */
const WIDE = { pages: 32_768, elements: 100_000 };

interface Call {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** What a comparison came to. */
export interface Comparison {
  readonly ended: Observation["ended"];
  readonly disagreements: readonly unknown[];
}

/** Runs one call on the interpreter, on V8 as rewritten and on V8 as written, whole and with limits that stop it. */
export function compareEngines(
  bytes: Uint8Array,
  { name, args }: Call,
  {
    limit,
    stops,
    random,
  }: { readonly limit: number; readonly stops: number; readonly random: Random },
): Comparison {
  const storage = sizeOf(bytes);
  const engine = rewritten(bytes, storage);
  const oracle = createOracle(bytes, storage);
  const disagreements: unknown[] = [];
  const both = (fuel: number): Observation => {
    const expected = oracle.observe(name, args, fuel);
    const found = engine.observe(name, args, fuel);
    if (!agrees(expected, found)) disagreements.push({ fuel, expected, found });
    return expected;
  };
  const { ended, left = 0 } = both(limit);
  if (ended !== "values") return { ended, disagreements };
  const used = limit - left;
  for (let stop = 0; stop < stops; stop += 1) both(random.upTo(used));
  if (both(used).ended !== "values") disagreements.push("stops with exactly what it uses");
  if (used > 0 && both(used - 1).ended !== "fuel")
    disagreements.push("runs with one less than it uses");
  disagreements.push(...compareWithOriginal(bytes, { name, args }, limit));
  return { ended, disagreements };
}

/** Without a stop and without a limit on growth, rewriting changes nothing. */
function compareWithOriginal(bytes: Uint8Array, { name, args }: Call, limit: number): unknown[] {
  const found = rewritten(bytes, WIDE).observe(name, args, limit);
  // As written it has no limit, so what did not end may never end.
  if (found.ended !== "values") return [];
  const expected = createV8(bytes, bytes).observe(name, args, 0);
  const same =
    expected.values.join() === found.values.join() &&
    expected.memory === found.memory &&
    expected.globals.join() === found.globals.join();
  return same ? [] : [{ original: expected, found }];
}

function rewritten(bytes: Uint8Array, storage: typeof WIDE): Engine {
  const limits = { memory_bytes: storage.pages * 65_536, table_elements: storage.elements };
  const {
    pages,
    elements,
    segmentFuel,
    bytes: metered,
  } = meterModule(bytes, { fuel: true, limits });
  return createV8(metered, bytes, {
    pages: storage.pages - pages,
    elements: storage.elements - elements,
    segmentFuel,
  });
}

/** A little more than a module begins with, so that growth is refused sometimes. */
function sizeOf(bytes: Uint8Array): typeof WIDE {
  const { pages, elements } = meterModule(bytes, { fuel: false });
  return { pages: pages + 4, elements: elements + 20 };
}

function agrees(expected: Observation, found: Observation): boolean {
  // How deep a stack is nobody promises; vectors are counted here and not run.
  if ([expected.trap, found.trap].includes("stack_exhausted")) return true;
  if (expected.ended === "not covered") return true;
  const exact = expected.ended === "values" || expected.ended === "fuel";
  return (
    expected.ended === found.ended &&
    expected.trap === found.trap &&
    expected.values.join() === found.values.join() &&
    expected.memory === found.memory &&
    expected.globals.join() === found.globals.join() &&
    // After a trap a cached counter may be too high, never too low.
    (exact ? expected.left === found.left : (found.left ?? 0) >= (expected.left ?? 0))
  );
}
