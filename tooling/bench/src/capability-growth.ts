import { preparsePolicySet } from "@cedar-policy/cedar-wasm/nodejs";
import { CapabilitySet } from "@sigilrt/capability";
import { CapabilityForest } from "@sigilrt/capability/forest";
import type { LimitCase, RatioCase } from "./ratio.ts";

const owned = (count: number): CapabilitySet =>
  CapabilitySet.from(Array.from({ length: count }, (_, at) => `tool.plugin-${at}.*`));
const [small, large] = [owned(10), owned(10_000)];
let turn = 0;
const names = Array.from({ length: 10_000 }, (_, at) => `tool.plugin-${at}.search`);
const askLarge = (): boolean => {
  turn += 1;
  return large.contains(names[(turn * 7_919) % 10_000] ?? "");
};
const askSmall = (): boolean => small.contains(names[(turn += 1) % 10] ?? "");

const LONGEST = Array<string>(256).fill("a").join(".");
/** 8 stars and 64 tokens, of which the last matches nothing: every star stays open to the end. */
const worstPattern = `${"*.a.a.a.a.a.a.a.".repeat(7)}*.a.a.a.a.a.a.b`;
const worst = CapabilitySet.from([worstPattern]);
/** 256 patterns of 8 stars and 64 tokens that go apart early, so that each keeps nodes of its own active. */
const worstSet = CapabilitySet.from(
  Array.from({ length: 256 }, (_, at) => {
    const runs = Array<number>(8).fill(1);
    // Any sequence that scatters; always the same one.
    for (let left = 47, state = Math.imul(at, 0x9e3779b1) >>> 0; left > 0; left -= 1) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      runs[state >>> 29]! += 1;
    }
    return `${runs.map((length) => `*${".a".repeat(length)}`).join(".")}.b`;
  }),
);

const stars = CapabilitySet.from([`${"*.a.".repeat(8)}b`]);
const segments = (count: number): string => Array<string>(count).fill("a").join(".");
const [short, long] = [segments(64), segments(256)];

// 1,000 plugins, 100 workspaces and 200 users, as one gateway may hold.
const lists = Array.from({ length: 1_300 }, (_, owner) =>
  Array.from(
    { length: owner < 1_000 ? 20 : 23 },
    (_item, at) => `tool.owner-${owner}.service-${at}.*`,
  ),
);
const patternCount = lists.reduce((sum, { length }) => sum + length, 0);
const compileAll = (): number =>
  lists.reduce((sum, list) => {
    const set = CapabilitySet.from(list);
    // A set is compiled when it is first asked.
    return sum + (set.contains("tool.nobody") ? 0 : set.patterns.length);
  }, 0);
const policies = Array.from(
  { length: 2_300 },
  (_, at) =>
    `permit(principal == User::"u${at}", action == Action::"call", resource) when { context.capability like "tool.owner-${at}.*" };`,
).join("\n");
const preparse = (): boolean =>
  preparsePolicySet("growth", { staticPolicies: policies }).type === "success";

const asks = (from: number): CapabilitySet =>
  CapabilitySet.from(Array.from({ length: 500 }, (_, at) => `tool.service-${at + from}.*`));
const [granted, wanted] = [asks(0), asks(250)];

// A forest with as many sets again that are about to go: when more nodes are dead than alive, what lives is built anew, once.
const compiled = lists.map((list) => CapabilitySet.from(list));
let forest = new CapabilityForest();
let churned: readonly number[] = [];
const build = (): CapabilityForest => {
  const built = new CapabilityForest();
  for (const set of compiled) built.add(set);
  return built;
};
const churn = (): void => {
  forest = build();
  churned = [...compiled, ...compiled.slice(0, 1)].map((set) => forest.add(set));
};

/** capability.md section 6: how time grows. */
export const growthCases: readonly RatioCase[] = [
  {
    name: "capability: one set of 10,000 patterns, against one of 10",
    agree: () => askLarge() && askSmall(),
    ours: () => askLarge(),
    peer: () => askSmall(),
    maxRatio: 2,
    iterations: 100_000,
  },
  {
    // Not from 16: there the last of the stars have hardly begun.
    name: "capability: 8 stars against 256 segments, against the same and 64",
    agree: () => !stars.contains(long) && !stars.contains(short),
    ours: () => stars.contains(long),
    peer: () => stars.contains(short),
    // Linear: 4 times the length, and a tenth for the noise.
    maxRatio: 4.4,
    iterations: 10_000,
  },
  {
    name: `capability: ${patternCount.toLocaleString("en")} patterns compiled in 1,300 sets, against cedar-wasm 4.13.0 parsing 2,300 policies before`,
    agree: () => compileAll() === patternCount && preparse(),
    ours: () => compileAll(),
    peer: () => preparse(),
    maxRatio: 0.5,
    iterations: 1,
    rounds: 7,
  },
  {
    name: `enforcer: ${patternCount.toLocaleString("en")} patterns of a forest built anew after churn, against their first build`,
    agree: () => build().size === 1_300,
    prepare: churn,
    ours: () => churned.forEach((root) => void forest.remove(root)),
    peer: () => build(),
    maxRatio: 1.5,
    iterations: 1,
    rounds: 15,
  },
];

/** capability.md section 6: what has a limit of its own. */
export const limitCases: readonly LimitCase[] = [
  {
    name: "capability: the worst legal pattern and capability, against 100 µs",
    agree: () => !worst.contains(LONGEST),
    work: () => worst.contains(LONGEST),
    maxNs: 100_000,
    iterations: 500,
  },
  {
    name: "capability: the worst legal set, against 1 ms",
    agree: () => !worstSet.contains(LONGEST),
    work: () => worstSet.contains(LONGEST),
    maxNs: 1_000_000,
    iterations: 20,
  },
  {
    name: "capability: excess of 500 patterns against 500, against 1 µs each",
    agree: () => granted.excess(wanted).length === 250,
    work: () => granted.excess(wanted),
    maxNs: 500_000,
    iterations: 50,
  },
];
