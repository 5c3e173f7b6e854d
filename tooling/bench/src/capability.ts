import { CapabilitySet } from "@sigilrt/capability";
import type { RatioCase } from "./ratio.ts";

const plugins = Array.from({ length: 1_000 }, (_, index) => index);
const asked = plugins.map((index) => `tool.plugin-${index}.search`);
const grants = plugins.map((index) =>
  CapabilitySet.from([`tool.plugin-${index}.*`, "sessions.read", "kv.*"]),
);
const denied = CapabilitySet.from(["exec.*"]);
const workspace = CapabilitySet.from(plugins.map((index) => `tool.plugin-${index}.*`));
const user = CapabilitySet.from(["tool.*"]);

const keys: readonly string[] = Array.from(
  { length: 20_000 },
  (_, index) => `tool.key-${index}.search`,
);
const map = new Map(keys.map((key, index) => [key, index]));

let turn = 0;
// Every check asks for another plugin, and every look-up for another key, as a gateway with many of them does.
const check = (): boolean => {
  turn += 1;
  const index = turn % 1_000;
  const capability = asked[index] ?? "";
  return (
    !denied.contains(capability) &&
    grants[index]?.contains(capability) === true &&
    workspace.contains(capability) &&
    user.contains(capability)
  );
};
const lookUp = (): boolean => {
  turn += 1;
  return map.has(keys[(turn * 7_919) % 20_000] ?? "");
};

export const capabilityCases: readonly RatioCase[] = [
  {
    name: "capability: four legs over 1,000 plugins, against Map among 20,000 keys",
    agree: () => check() && lookUp(),
    ours: () => check(),
    peer: () => lookUp(),
    maxRatio: 8,
    // The first 100,000 calls run half-compiled and take up to nine times as long: enough calls to look past them.
    iterations: 200_000,
  },
];
