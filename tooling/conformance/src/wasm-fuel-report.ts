import { meterModule } from "@sigilrt/wasm-host/meter";
import { collectCorpus } from "./wasm-corpus.ts";
import { createV8 } from "./wasm-oracle/v8-engine.ts";

/** So little that no recursion exhausts the stack, whose depth differs between versions. */
const LIMIT = 20_000;
const storage = { pages: 1_024, elements: 10_000 };

/** What every call of the corpus came to in this Node, as text. */
export function reportFuel(): string {
  const lines = collectCorpus().map(({ name, bytes, calls }) => {
    const limits = { memory_bytes: storage.pages * 65_536, table_elements: storage.elements };
    const metered = meterModule(bytes, { fuel: true, exceptionHandling: false, limits });
    const engine = createV8(metered.bytes, bytes, {
      pages: storage.pages - metered.pages,
      elements: storage.elements - metered.elements,
      segmentFuel: metered.segmentFuel,
    });
    const observed = calls.map((call) => {
      const full = engine.observe(call.name, call.args, LIMIT);
      const half = engine.observe(call.name, call.args, Math.floor((LIMIT - (full.left ?? 0)) / 2));
      return [call.name, full, half];
    });
    return JSON.stringify([name, metered.bytes.length, observed]);
  });
  return `${lines.join("\n")}\n`;
}

if (import.meta.main) process.stdout.write(reportFuel());
