import { describe, expect, it } from "vitest";
import { count } from "@sigilrt/testing/counts";
import { collectCorpus } from "./wasm-corpus.ts";
import { compareEngines } from "./wasm-oracle/compare.ts";
import { generateModule } from "./wasm-oracle/generate.ts";
import { Random } from "./wasm-oracle/generate-bytes.ts";
import { decode } from "./wasm-oracle/decode.ts";

const handlers = Number(process.versions.node.split(".")[0]) >= 24;

/** What the interpreter gets through in good time; larger ones are compared between versions of Node alone. */
const MOST_BYTES = 1_000_000;

describe("V8 with rewriting and an independent interpreter", () => {
  it.each(
    collectCorpus().filter(
      ({ bytes, name }) => bytes.length < MOST_BYTES && !name.startsWith("generated"),
    ),
  )("agree on $name", ({ bytes, calls }) => {
    for (const call of calls) {
      const tally = compareEngines(bytes, call, { limit: 20_000, stops: 8, random: new Random(1) });
      expect(tally.disagreements).toEqual([]);
    }
  });

  it("agree on generated modules: result, trap, memory, globals, fuel, and 64 stops", () => {
    const seen = { values: 0, fuel: 0, trap: 0, thrown: 0 };
    for (let seed = 0; seed < count("modules"); seed += 1) {
      const random = new Random(seed);
      const bytes = generateModule(random, { handlers });
      const { functions, types } = decode(bytes);
      for (const [index, type] of functions.entries()) {
        const args = (types[type]?.parameters ?? []).map((each) => {
          const small = random.upTo(10);
          return each === 0x7e ? BigInt(small) : each === 0x7f ? small : small / 2;
        });
        const call = { name: `f${index}`, args };
        const { disagreements, ended } = compareEngines(bytes, call, {
          limit: 20_000,
          stops: 64,
          random,
        });
        expect(disagreements, `seed ${seed}, f${index}`).toEqual([]);
        if (ended !== "not covered") seen[ended] += 1;
      }
    }
    // A generator that makes nothing worth running would agree, too.
    expect(Math.min(...Object.values(seen).slice(0, 3))).toBeGreaterThan(10);
  });
});
