import { CapabilitySet } from "@sigilrt/capability";
import {
  type AuditStore,
  type BoundEnforcer,
  type CheckRequest,
  Enforcer,
} from "@sigilrt/enforcer";
import type { CallCase } from "./call-ratio.ts";
import type { RatioCase } from "./ratio.ts";

/** Keeps nothing, so that decisions are measured and not the store. */
const discards: AuditStore = {
  append: (records) =>
    Promise.resolve(records.map((_, seq) => ({ log: "bench", seq, decisionId: "bench" }))),
  query: () => Promise.resolve({ records: [] }),
};
const deadline = new AbortController().signal;
const options = { deadline: () => deadline };

const everything = CapabilitySet.from(["*"]);
const requestOf = (index: number): CheckRequest => ({
  plugin: `plugin-${index}`,
  capability: `tool.plugin-${index}.search`,
  userId: "ada",
  workspaceId: "home",
  workspaceAllow: everything,
  userPermissions: everything,
});

/** An enforcer of so many plugins, and what asks it for one after the other. */
async function asking(plugins: number) {
  const enforcer = new Enforcer(discards, Date, options);
  const requests = Array.from({ length: plugins }, (_, index) => requestOf(index));
  for (const { plugin } of requests) {
    const grant = { allow: [`tool.${plugin}.*`, "sessions.read"], deny: ["exec.*"] };
    // oxlint-disable-next-line no-await-in-loop -- set-up, one record after the other
    await enforcer.registerPlugin(plugin, grant);
  }
  let turn = 0;
  const next = (): CheckRequest => requests[(turn += 1) % plugins] ?? requestOf(0);
  return {
    enforcer,
    requests,
    decide: (): boolean => enforcer.evaluate(next()).allowed,
    explain: (): boolean => enforcer.explain(next()).allowed,
  };
}

const few = await asking(10);
const many = await asking(1_000);
const keys: readonly string[] = Array.from(
  { length: 20_000 },
  (_, index) => `tool.key-${index}.search`,
);
const map = new Map(keys.map((key, index) => [key, index]));
let turn = 0;
const lookUp = (): boolean => {
  turn += 1;
  return map.has(keys[(turn * 7_919) % 20_000] ?? "");
};

// The first 100,000 calls run half-compiled and take up to nine times as long: enough calls to look past them.
const iterations = 200_000;

/** enforcement.md section 9: decisions without their record. */
export const enforcerCases: readonly RatioCase[] = [
  {
    name: "enforcer: evaluate over 1,000 plugins, without record, against Map among 20,000 keys",
    agree: () => many.decide() && lookUp(),
    ours: () => many.decide(),
    peer: () => lookUp(),
    maxRatio: 8,
    iterations,
  },
  {
    name: "enforcer: evaluate over 1,000 plugins, against 10",
    agree: () => many.decide() && few.decide(),
    ours: () => many.decide(),
    peer: () => few.decide(),
    maxRatio: 3,
    iterations,
  },
  {
    name: "enforcer: explain, against evaluate",
    agree: () => many.explain() && many.decide(),
    ours: () => many.explain(),
    peer: () => many.decide(),
    maxRatio: 3,
    iterations: 50_000,
  },
];

function bound({ enforcer, requests }: Awaited<ReturnType<typeof asking>>) {
  const [first = requestOf(0)] = requests;
  const hot = enforcer.bind(first);
  const handles: readonly (readonly [BoundEnforcer, string])[] = Array.from(
    { length: 20_000 },
    (_, at) => {
      const request = requests[at % requests.length] ?? first;
      return [enforcer.bind(request), request.capability];
    },
  );
  let at = 0;
  return {
    hot: async (): Promise<boolean> => (await hot.check(first.capability)).allowed,
    any: async (): Promise<boolean> => {
      at = (at + 7_919) % 20_000;
      const [handle, capability] = handles[at] ?? [hot, first.capability];
      return (await handle.check(capability)).allowed;
    },
    plain: async (): Promise<boolean> => (await enforcer.check(first)).allowed,
    looked: async (): Promise<boolean> => {
      const isThere = map.has("tool.key-7.search");
      const record = { action: "capability_check", actor: "ada" } as const;
      await discards.append([{ ...record, result: "allowed", reason: "allowed" }]);
      return isThere;
    },
  };
}

const calls = bound(many);
const over = (
  name: string,
  ours: () => Promise<boolean>,
  peer: () => Promise<boolean>,
  maxRatio: number,
): CallCase => ({
  name: `enforcer: ${name}, with a store that discards`,
  maxRatio,
  calls: 50_000,
  open: async () => ({ ours, peer, [Symbol.asyncDispose]: async () => undefined }),
});

/** enforcement.md section 9: decisions through handles, each with its record. */
export const handleCases: readonly CallCase[] = [
  over("a bound handle, hot, against Map and the same append", calls.hot, calls.looked, 2),
  over("a bound handle, hot, against check", calls.hot, calls.plain, 1),
  over("bound handles, 20,000 in turn, against one that is hot", calls.any, calls.hot, 3),
];
