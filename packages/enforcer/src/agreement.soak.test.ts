import { CapabilitySet, matchCapability } from "@sigilrt/capability";
import { type AuditStore, type CheckRequest, Enforcer } from "@sigilrt/enforcer";
import { count } from "@sigilrt/testing/counts";
import fc from "fast-check";
import { expect, it } from "vitest";

// It keeps nothing: a run has more records than a test should hold.
const store: AuditStore = {
  append: async (records) =>
    records.map((_, seq) => ({ log: "soak", seq, decisionId: `soak-${seq}` })),
  query: async () => ({ records: [] }),
};

const name = fc.constantFrom("a", "b", "*");
const pattern = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("."));
const sets = fc.array(pattern, { maxLength: 3 });
const asked = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.constantFrom("a", "b"), { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(["*"], ["a", ""], ["a/b"]) },
);

it("`evaluate` and `check` agree on random requests", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        allow: sets,
        deny: sets,
        workspace: sets,
        user: sets,
        mission: sets,
        handle: sets,
      }),
      asked.map((names) => names.join(".")),
      fc.boolean(),
      async (legs, capability, isUnderMission) => {
        const enforcer = new Enforcer(store, { now: () => 1 });
        await enforcer.registerPlugin("p", legs);
        const request: CheckRequest = {
          plugin: "p",
          capability,
          userId: "u",
          workspaceId: "w",
          workspaceAllow: legs.workspace,
          userPermissions: legs.user,
          ...(isUnderMission && {
            mission: { id: "m", allow: CapabilitySet.from(legs.mission) },
          }),
        };
        const covered = (set: readonly string[]): boolean =>
          set.some((member) => matchCapability(member, capability));
        const model =
          !covered(legs.deny) &&
          [legs.allow, legs.workspace, legs.user].every(covered) &&
          (!isUnderMission || covered(legs.mission));

        const listed = enforcer.evaluate(request);
        const [checked] = await enforcer.checkMany([request]);
        const handle = enforcer.bind(request).attenuate(legs.handle);
        const bound = await handle.check(capability);
        const again = await handle.check(capability);
        expect(listed.allowed).toBe(model);
        expect(checked).toMatchObject({ allowed: model, reason: listed.reason });
        expect(bound.allowed).toBe(model && covered(legs.handle));
        expect(again.reason).toBe(bound.reason);
        expect(enforcer.explain(request)).toMatchObject({ allowed: model, reason: listed.reason });
      },
    ),
    { numRuns: count("inputs") },
  );
});
