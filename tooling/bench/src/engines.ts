import {
  preparsePolicySet,
  statefulIsAuthorized,
  type StatefulAuthorizationCall,
} from "@cedar-policy/cedar-wasm/nodejs";
import { CapabilitySet } from "@sigilrt/capability";
import { type Enforcer, newEnforcer, newModel } from "casbin";
import { createMongoAbility } from "@casl/ability";
import micromatch from "micromatch";
import { Minimatch } from "minimatch";
import picomatch from "picomatch";
import type { RatioCase } from "./ratio.ts";

// Four legs of 25 patterns each, as one plugin, workspace, person and list of denials may have; the call matches the last pattern.
const others = (owner: string): readonly string[] =>
  Array.from({ length: 24 }, (_, index) => `${owner}.service-${index}.*`);
const allowing = ["plugin", "workspace", "user"].map((leg) => others(leg).concat("tool.notes.*"));
const denying = [...others("deny"), "exec.*"];
const asked = "tool.notes.add";

const sets = allowing.map((patterns) => CapabilitySet.from(patterns));
const denials = CapabilitySet.from(denying);
const ours = (): boolean => sets.every((set) => set.contains(asked)) && !denials.contains(asked);

type Test = (capability: string) => boolean;
const decide = (allow: readonly (readonly Test[])[], deny: readonly Test[]): boolean =>
  allow.every((tests) => tests.some((test) => test(asked))) && !deny.some((test) => test(asked));

const compiled = (pattern: string): Test => {
  const expression = new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", ".*")}$`, "u");
  return (capability) => expression.test(capability);
};
const testsOf = (compile: (pattern: string) => Test) => ({
  allow: allowing.map((patterns) => patterns.map(compile)),
  deny: denying.map(compile),
});
const expressions = testsOf(compiled);

const asGlob = (pattern: string): string => pattern.replaceAll(".", "/").replaceAll("*", "**");
const globbed = (pattern: string): Test => {
  const glob = new Minimatch(asGlob(pattern));
  return (capability) => glob.match(capability.replaceAll(".", "/"));
};
const picked = (pattern: string): Test => {
  const test = picomatch(asGlob(pattern));
  return (capability) => test(capability.replaceAll(".", "/"));
};
const micro = (pattern: string): Test => {
  const test = micromatch.matcher(asGlob(pattern));
  return (capability) => test(capability.replaceAll(".", "/"));
};
const globs = testsOf(globbed);
const picks = testsOf(picked);
const micros = testsOf(micro);

// CASL knows capabilities as fields of a subject; two stars run over dots.
const field = (pattern: string): string => pattern.replaceAll("*", "**");
const rule = { action: "call", subject: "capability" } as const;
const casl = (
  rulesOf: (patterns: readonly string[]) => Parameters<typeof createMongoAbility>[0],
) => {
  const abilities = allowing.map((patterns) => createMongoAbility(rulesOf(patterns)));
  const inability = createMongoAbility(rulesOf(denying));
  return (): boolean =>
    abilities.every((leg) => leg.can("call", "capability", asked)) &&
    !inability.can("call", "capability", asked);
};
const ruleOfAll = casl((patterns) => [{ ...rule, fields: patterns.map(field) }]);
const ruleOfEach = casl((patterns) =>
  patterns.map((pattern) => ({ ...rule, fields: [field(pattern)] })),
);

const model = `
[request_definition]
r = obj
[policy_definition]
p = obj
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = keyMatch(r.obj, p.obj)
`;
const casbin = async (patterns: readonly string[]): Promise<Enforcer> => {
  const enforcer = await newEnforcer(newModel(model));
  await enforcer.addPolicies(patterns.map((pattern) => [pattern]));
  return enforcer;
};
const casbinAllow = await Promise.all(allowing.map((patterns) => casbin(patterns)));
const casbinDeny = await casbin(denying);

// Only the four policies that speak of this call, as an index in front of Cedar would choose them.
const policies = [
  `permit(principal, action == Action::"call", resource) when { context.capability like "tool.notes.*" && context.workspace like "tool.notes.*" && context.user like "tool.notes.*" };`,
  `forbid(principal, action, resource) when { context.capability like "exec.*" };`,
  `permit(principal, action == Action::"list", resource) when { context.capability like "tool.notes.*" };`,
  `forbid(principal, action, resource) when { context.capability like "deny.*" };`,
];
preparsePolicySet("bench", { staticPolicies: policies.join("\n") });
const question: StatefulAuthorizationCall = {
  principal: { type: "User", id: "ada" },
  action: { type: "Action", id: "call" },
  resource: { type: "Tool", id: "notes" },
  context: { capability: asked, workspace: asked, user: asked },
  preparsedPolicySetId: "bench",
  validateRequest: false,
  entities: [],
};
const cedar = (): boolean => {
  const answer = statefulIsAuthorized(question);
  return answer.type === "success" && answer.response.decision === "allow";
};

const against = (
  name: string,
  peer: () => boolean,
  maxRatio: number,
  iterations: number,
): RatioCase => ({
  name: `capability: four legs of 25 patterns, against ${name}`,
  agree: () => ours() && peer(),
  ours: () => ours(),
  peer: () => peer(),
  maxRatio,
  iterations,
});

// capability.md section 6, turned over: our time in theirs.
export const engineCases: readonly RatioCase[] = [
  against(
    "regular expressions compiled once per pattern",
    () => decide(expressions.allow, expressions.deny),
    1 / 5,
    20_000,
  ),
  against(
    "minimatch 11.0.9 compiled once per pattern",
    () => decide(globs.allow, globs.deny),
    1 / 10,
    2_000,
  ),
  against(
    "picomatch 4.0.7 compiled once per pattern",
    () => decide(picks.allow, picks.deny),
    1 / 10,
    2_000,
  ),
  against(
    "micromatch 4.0.8 compiled once per pattern",
    () => decide(micros.allow, micros.deny),
    1 / 10,
    2_000,
  ),
  against("@casl/ability 7.0.1, a rule per pattern", ruleOfEach, 1 / 15, 2_000),
  against("@casl/ability 7.0.1, one rule of all patterns of a leg", ruleOfAll, 1 / 15, 2_000),
  against(
    "node-casbin 5.51.1, one enforcer per leg",
    () => casbinAllow.every((leg) => leg.enforceSync(asked)) && !casbinDeny.enforceSync(asked),
    1 / 60,
    500,
  ),
  against("cedar-wasm 4.13.0 with the 4 policies that matter, parsed before", cedar, 1 / 100, 500),
];
