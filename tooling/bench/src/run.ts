// Runs every ratio case and writes results/latest.json and results/latest.md. It reports; it never fails for slowness.
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { measureCalls } from "./call-ratio.ts";
import { callCases, cases, limitCases, meanOfKernels, memoryCases } from "./cases.ts";
import { measureMemory } from "./memory.ts";
import { measureTime, timeCases } from "./wasm-times.ts";
import { measureLimit, measureRatio } from "./ratio.ts";

// `pnpm bench <text>…` runs the cases whose name holds one of the texts; all without a text.
const texts = process.argv.slice(2);
const isWanted = ({ name }: { readonly name: string }): boolean =>
  texts.length === 0 || texts.some((text) => name.includes(text));
const results = cases.filter(isWanted).map((subject) => measureRatio(subject));
results.push(...meanOfKernels(results));
for (const subject of limitCases.filter(isWanted)) {
  results.push(measureLimit(subject));
}
for (const subject of callCases.filter(isWanted)) {
  // oxlint-disable-next-line no-await-in-loop -- cases share the cores
  results.push(await measureCalls(subject));
}
for (const subject of timeCases.filter(isWanted)) {
  // oxlint-disable-next-line no-await-in-loop -- as above
  results.push(await measureTime(subject));
}
for (const subject of memoryCases.filter(isWanted)) {
  // oxlint-disable-next-line no-await-in-loop -- as above
  results.push(await measureMemory(subject));
}
const environment = {
  node: process.version,
  platform: `${process.platform}-${process.arch}`,
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
};

/** Where ours is a small part of theirs, two places would show nothing. */
const shown = (value: number): string => String(Number(value.toFixed(value < 0.1 ? 3 : 2)));

const counted = (value: number, unit: "bytes" | undefined): string =>
  unit === "bytes" ? `${(value / 2 ** 20).toFixed(1)} MiB` : value.toFixed(0);

const rows = results.map(
  ({ name, oursNs, peerNs, ratio, spread, maxRatio, passed, unit }) =>
    `| ${name} | ${counted(oursNs, unit)} | ${counted(peerNs, unit)} | ${shown(ratio)} ± ${shown(spread / 2)} | ${shown(maxRatio)} | ${passed ? "yes" : "**no**"} |`,
);
const table = [
  `Node ${environment.node}, ${environment.platform}, ${environment.cores} cores, ${environment.cpu}`,
  "",
  "| Case | Ours, ns | Peer, ns | Ratio | Target | Holds |",
  "| --- | --- | --- | --- | --- | --- |",
  ...rows,
  "",
].join("\n");

const folder = new URL("../results/", import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(
  new URL("latest.json", folder),
  `${JSON.stringify({ environment, results }, undefined, 2)}\n`,
);
writeFileSync(new URL("latest.md", folder), table);
console.log(table);
