import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { collectCorpus } from "./wasm-corpus.ts";
import { reportFuel } from "./wasm-fuel-report.ts";

/** Another Node to compare with, 22 where this one is 24. */
const other = process.env["SIGIL_OTHER_NODE"];

const report = reportFuel();

it("has a corpus of at least fifty modules, real ones among them", () => {
  const corpus = collectCorpus();
  expect(corpus.length).toBeGreaterThanOrEqual(50);
  expect(corpus.every(({ bytes }) => bytes[0] === 0 && bytes.length > 8)).toBe(true);
});

it("uses the same fuel and stops at the same point each time", () => {
  expect(report).toContain('"ended":"fuel"');
  expect(reportFuel()).toBe(report);
});

// Told by its title: without another Node the promise between versions was not looked at here.
it.skipIf(other === undefined)(
  `uses the same fuel on another version of Node${other === undefined ? " (SIGIL_OTHER_NODE names none)" : ""}`,
  () => {
    const program = fileURLToPath(new URL("wasm-fuel-report.ts", import.meta.url));
    const args = ["--conditions=@sigilrt/source", "--no-warnings", program];
    const there = execFileSync(other ?? "node", args, {
      encoding: "utf8",
      maxBuffer: 64 * 1_048_576,
    });
    expect(there).toBe(report);
  },
);
