import { CapabilitySet } from "@sigilrt/capability";
import { createMemoryAuditStore, Enforcer } from "@sigilrt/enforcer";
import type { InstanceIdentity } from "@sigilrt/lifecycle";
import type { Principal } from "@sigilrt/manager";
import { describe, expect, it } from "vitest";
import { callsInProgress } from "./calls-in-progress.ts";
import { pluginAsks } from "./plugin-asks.ts";

const everything = ["kv.*", "tool.*"];
const ada: Principal = {
  user: "ada",
  workspace: "studio",
  workspaceAllow: everything,
  permissions: everything,
};
const mission = { id: "m-1", allow: CapabilitySet.from(["tool.keeper.*"]) };
const signal = new AbortController().signal;

const identityOf = (plugin: string, more: Partial<InstanceIdentity> = {}): InstanceIdentity => ({
  plugin,
  version: "1.0.0",
  digest: "d",
  epoch: 1,
  slot: 0,
  workspace: "studio",
  user: "ada",
  ...more,
});

async function bench() {
  const audit = createMemoryAuditStore({ maxRecords: 100 });
  const enforcer = new Enforcer(audit, Date);
  await enforcer.registerPlugin("keeper", { allow: everything, deny: [] });
  const calls = callsInProgress();
  let people = new Map([["ada", ada]]);
  const asks = pluginAsks({
    calls,
    enforcer,
    audit,
    principals: { find: ({ user }) => people.get(user) },
  });
  return { audit, calls, asks, forget: () => void (people = new Map()) };
}

describe("what a plugin asks", () => {
  it("is asked by a call of its own instance alone, while it runs, by a person who is still known", async () => {
    const { calls, asks, forget } = await bench();
    const [one, other] = [identityOf("keeper"), identityOf("keeper", { user: "ben" })];
    const entered = calls.enter({ identity: one, config: {} });
    calls.enter({ identity: other, config: {} });
    const end = calls.making({ principal: ada }, () => entered.begin("1"));
    expect(asks.asker(one, "1")).toMatchObject({ scope: ["studio", "ada"], chain: ["keeper"] });
    expect([asks.asker(other, "1"), asks.asker(one, "2"), asks.asker(undefined, "1")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    forget();
    expect(asks.asker(one, "1")).toBeUndefined();
    end();
    expect(asks.askerOf("1")).toBeUndefined();
  });

  it("lends no rights by a call that nobody made", async () => {
    const { calls, asks } = await bench();
    calls.enter({ identity: identityOf("keeper"), config: {} }).begin("1");
    expect(asks.askerOf("1")).toBeUndefined();
  });

  it("stays under the mission of the call, also as work of its own", async () => {
    const { calls, asks } = await bench();
    const identity = identityOf("keeper");
    const entered = calls.enter({ identity, config: {} });
    expect(asks.asker(identity, undefined)).toMatchObject({ principal: ada });
    const end = calls.making({ principal: { ...ada, mission } }, () => entered.begin("1"));
    expect(asks.asker(identity, "1")?.principal.mission).toBe(mission);
    expect(asks.asker(identity, undefined)).toBeUndefined();
    end();
    expect(asks.asker(identity, undefined)).toMatchObject({ principal: ada });
  });

  it("belongs to nobody in an instance that several share", async () => {
    const { calls, asks } = await bench();
    for (const shared of [{ user: undefined }, { user: undefined, workspace: undefined }]) {
      const { user: _user, workspace: _workspace, ...bare } = identityOf("keeper");
      const identity = "workspace" in shared ? bare : { ...bare, workspace: "studio" };
      calls.enter({ identity, config: {} });
      expect(asks.asker(identity, undefined)).toBeUndefined();
    }
  });

  it("goes eight plugins deep and never back to one that stands behind it; the refusal is on record", async () => {
    const { audit, calls, asks } = await bench();
    const identity = identityOf("keeper");
    const entered = calls.enter({ identity, config: {} });
    const deep = (names: readonly string[], id: string) => {
      calls.behind(names, () => calls.making({ principal: ada }, () => entered.begin(id)));
      const asker = asks.asker(identity, id);
      if (asker) return asker;
      throw new Error("the call does not run");
    };
    const seven = ["a", "b", "c", "d", "e", "f", "g"];
    const target = { plugin: "other", tool: "run" };
    expect(await asks.decideCall(deep(seven, "1"), target, signal)).toBe("allowed");
    expect(await asks.decideCall(deep([...seven, "h"], "2"), target, signal)).toBe("denied");
    for (const plugin of ["a", "keeper"]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await asks.decideCall(deep(["a"], plugin), { plugin, tool: "run" }, signal)).toBe(
        "denied",
      );
    }
    expect(await asks.decideCall(deep([], "3"), { plugin: "x", tool: "" }, signal)).toBe(
      "malformed",
    );
    const { records } = await audit.query({ result: "denied" });
    expect(records.map(({ reason, capability }) => [reason, capability])).toEqual(
      expect.arrayContaining([
        ["limit", "tool.other.run"],
        ["limit", "tool.a.run"],
        ["limit", "tool.keeper.run"],
      ]),
    );
    // Work of its own hides nothing: what the instance works on stands behind it too.
    expect(asks.asker(identity, undefined)?.chain).toEqual(expect.arrayContaining(["a", "h"]));
  });
});
