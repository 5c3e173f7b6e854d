import { CapabilitySet } from "@sigilrt/capability";
import { createMemoryAuditStore, Enforcer } from "@sigilrt/enforcer";
import type { RatioCase } from "./ratio.ts";

const everything = CapabilitySet.from(["*"]);
const enforcer = new Enforcer(createMemoryAuditStore({ maxRecords: 2_000 }), Date);
const requests = Array.from({ length: 1_000 }, (_, index) => ({
  plugin: `plugin-${index}`,
  capability: `tool.plugin-${index}.search`,
  userId: "ada",
  workspaceId: "home",
  workspaceAllow: everything,
  userPermissions: everything,
}));
for (const { plugin } of requests) {
  const grant = { allow: [`tool.${plugin}.*`, "sessions.read"], deny: ["exec.*"] };
  // oxlint-disable-next-line no-await-in-loop -- set-up, one record after the other
  await enforcer.registerPlugin(plugin, grant);
}
const keys: readonly string[] = Array.from(
  { length: 20_000 },
  (_, index) => `tool.key-${index}.search`,
);
const map = new Map(keys.map((key, index) => [key, index]));

let turn = 0;
const decide = (): boolean => {
  turn += 1;
  const request = requests[turn % 1_000];
  return request !== undefined && enforcer.evaluate(request).allowed;
};
const lookUp = (): boolean => {
  turn += 1;
  return map.has(keys[(turn * 7_919) % 20_000] ?? "");
};

export const enforcerCases: readonly RatioCase[] = [
  {
    name: "enforcer: evaluate over 1,000 plugins, without record, against Map among 20,000 keys",
    agree: () => decide() && lookUp(),
    ours: () => void decide(),
    peer: () => void lookUp(),
    maxRatio: 8,
    // The first 100,000 calls run half-compiled and take up to nine times as long: enough calls to look past them.
    iterations: 200_000,
  },
];
