import { CapabilitySet } from "@sigilrt/capability";
import {
  type AuditRecord,
  type CheckRequest,
  createMemoryAuditStore,
  Enforcer,
  type EnforcerOptions,
  publicAnswer,
} from "@sigilrt/enforcer";
import { expect, it } from "vitest";

const request: CheckRequest = {
  plugin: "p",
  capability: "a.b",
  userId: "user-1",
  workspaceId: "ws-1",
  workspaceAllow: ["*"],
  userPermissions: ["*"],
};
const grant = { allow: ["a.*", "net.connect.api.*"], deny: ["a.secret", "c.*"], expiresAt: 5000 };

/** The paths of whatever in `value` could be changed by the one it is handed to. */
function changeable(value: unknown, path = "it"): readonly string[] {
  if (typeof value !== "object" || value === null || value instanceof CapabilitySet) return [];
  const parts = Object.entries(value).flatMap(([name, part]) =>
    changeable(part, `${path}.${name}`),
  );
  return Object.isFrozen(value) ? parts : [path, ...parts];
}

async function setup(options?: EnforcerOptions) {
  const records: AuditRecord[] = [];
  const memory = createMemoryAuditStore({ maxRecords: 100 });
  const state = { works: true };
  const store = {
    ...memory,
    append: (given: readonly AuditRecord[]) => {
      records.push(...given);
      return state.works ? memory.append(given) : Promise.reject(new Error("disk full"));
    },
  };
  const enforcer = new Enforcer(store, { now: () => 1000 }, options);
  const review = await enforcer.registerPlugin("p", grant);
  return { enforcer, memory, records, review, state };
}

it("decides with values that nobody can change", async () => {
  const { enforcer, state } = await setup();
  const unknown = { ...request, plugin: "q" };
  const invalid = { ...request, userId: "" };
  expect(changeable(await enforcer.check(request))).toEqual([]);
  expect(changeable(await enforcer.check(unknown))).toEqual([]);
  expect(changeable(await enforcer.check(invalid))).toEqual([]);
  expect(changeable(await enforcer.checkMany([request, unknown]))).toEqual([]);
  expect(changeable([enforcer.evaluate(request), enforcer.evaluate(invalid)])).toEqual(["it"]);
  state.works = false;
  expect(changeable(await enforcer.check(request))).toEqual([]);
});

it("explains with values that nobody can change", async () => {
  const { enforcer } = await setup();
  const asked = [
    request,
    { ...request, capability: "a.*" },
    { ...request, capability: "a.secret", workspaceAllow: [], userPermissions: [] },
    { ...request, plugin: "q" },
  ];
  for (const one of asked) expect(changeable(enforcer.explain(one))).toEqual([]);
});

it("writes rights down with values that nobody can change", async () => {
  const { enforcer, review } = await setup();
  expect(changeable(review)).toEqual([]);
  expect(changeable(enforcer.effective(request))).toEqual([]);
  expect(changeable(enforcer.effective({ ...request, plugin: "q" }))).toEqual([]);
  await enforcer.unregisterPlugin("p");
  await enforcer.registerPlugin("p", { allow: ["*.a.*.b.*.c.*.d.*"], deny: ["*.q"] });
  const wide = enforcer.effective({ ...request, userPermissions: ["*.e.*.f.*.g.*.h.*"] });
  expect(wide).toHaveProperty("allOf");
  expect(changeable(wide)).toEqual([]);
});

it("hands records to a store that nobody can change", async () => {
  const { enforcer, records, state } = await setup({ digest: (text) => text });
  const mission = { id: "m", allow: CapabilitySet.from(["a.*"]) };
  await enforcer.check({ ...request, mission });
  await enforcer.check({ ...request, userId: "" });
  enforcer.bind(request).revoke();
  state.works = false;
  await enforcer.unregisterPlugin("p");
  expect(records.map(({ action }) => action)).toEqual([
    "grant.registered",
    "capability_check",
    "capability_check",
    "handle.revoked",
    "grant.removed",
  ]);
  expect(changeable(Object.freeze([...records]))).toEqual([]);
});

it("takes an allow back with a record that nobody can change", async () => {
  const records: AuditRecord[] = [];
  const memory = createMemoryAuditStore({ maxRecords: 100 });
  let change: (() => Promise<unknown>) | undefined;
  const enforcer = new Enforcer(
    {
      ...memory,
      async append(given) {
        records.push(...given);
        const work = change;
        change = undefined;
        await work?.();
        return memory.append(given);
      },
    },
    { now: () => 1000 },
  );
  await enforcer.registerPlugin("p", grant);
  change = () => enforcer.unregisterPlugin("p");
  expect((await enforcer.check(request)).reason).toBe("plugin_unknown");
  expect(records.at(-1)?.action).toBe("superseded");
  expect(changeable(records.at(-1))).toEqual([]);
});

it("tells a plugin with values that nobody can change", () => {
  const answers = [
    publicAnswer({ allowed: true, reason: "allowed" }),
    publicAnswer({ allowed: false, reason: "capability_malformed" }),
    publicAnswer({ allowed: false, reason: "user_not_allowed" }),
  ];
  expect(changeable(Object.freeze(answers))).toEqual([]);
});

it("remembers with values that nobody can change", async () => {
  const { enforcer, memory } = await setup();
  await enforcer.check(request);
  expect(changeable(memory)).toEqual([]);
  expect(changeable(memory.health())).toEqual([]);
  expect(changeable(await memory.query({}, { limit: 1 }))).toEqual([]);
  const detail = { a: null, b: [{ c: 1 }] };
  const record = { action: "config.changed", actor: "user-1", result: "ok", reason: "ok" } as const;
  const receipts = await memory.append([{ ...record, detail }]);
  expect(changeable(receipts[0])).toEqual([]);
  const { records } = await memory.query({ action: "config.changed" });
  expect(records).toMatchObject([{ detail }]);
  expect(changeable(records)).toEqual([]);
});
