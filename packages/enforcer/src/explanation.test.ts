import { CapabilitySet } from "@sigilrt/capability";
import {
  type CheckRequest,
  createMemoryAuditStore,
  Enforcer,
  type EnforcerOptions,
  type Grant,
} from "@sigilrt/enforcer";
import { describe, expect, it } from "vitest";

async function setup(grant?: Grant, options?: EnforcerOptions) {
  const store = createMemoryAuditStore({ maxRecords: 100 });
  const time = { at: 1000 };
  const enforcer = new Enforcer(store, { now: () => time.at }, options);
  if (grant) await enforcer.registerPlugin("p", grant);
  return { enforcer, store, time };
}

function request(capability: string, more: Partial<CheckRequest> = {}): CheckRequest {
  return {
    plugin: "p",
    capability,
    userId: "user-1",
    workspaceId: "ws-1",
    workspaceAllow: ["*"],
    userPermissions: ["*"],
    ...more,
  };
}

const kinds = (enforcer: Enforcer): readonly string[] =>
  enforcer.explain(request("a")).changes.map(({ kind }) => kind);

describe("explain", () => {
  it("evaluates every leg, even after one that stops the request", async () => {
    const { enforcer, store } = await setup({ allow: ["b"], deny: ["a.*", "a.b", "c"] });
    const mission = { id: "m", allow: CapabilitySet.from(["a.*"]), expiresAt: 1000 };
    const asked = request("a.b", { workspaceAllow: ["b"], mission });
    expect(enforcer.explain(asked)).toEqual({
      allowed: false,
      reason: "plugin_denied",
      plugin: "p",
      capability: "a.b",
      generation: 1,
      legs: [
        { leg: "deny", passes: false, pattern: "a.*", patterns: ["a.*", "a.b", "c"] },
        { leg: "plugin", passes: false, patterns: ["b"] },
        { leg: "workspace", passes: false, patterns: ["b"] },
        { leg: "user", passes: true, pattern: "*", patterns: ["*"] },
        { leg: "mission", passes: true, pattern: "a.*", patterns: ["a.*"] },
      ],
      changes: [
        {
          kind: "remove_patterns",
          leg: "deny",
          patterns: ["a.*", "a.b"],
          text: "remove a.*, a.b from the denials of the plugin",
        },
        {
          kind: "add_pattern",
          leg: "plugin",
          patterns: ["a.b"],
          text: "add a.b to the patterns of the plugin leg",
        },
        {
          kind: "add_pattern",
          leg: "workspace",
          patterns: ["a.b"],
          text: "add a.b to the patterns of the workspace leg",
        },
        { kind: "renew_mission", text: 'renew the mission "m"' },
      ],
    });
    expect(store.health().records).toBe(1);
  });

  it("names changes that make the request allowed", async () => {
    const { enforcer } = await setup({ allow: ["x"], deny: ["a.*", "*.b"] });
    const { changes } = enforcer.explain(request("a.b", { userPermissions: [] }));
    const removed = changes.find(({ leg }) => leg === "deny")?.patterns ?? [];
    const added = changes.find(({ leg }) => leg === "plugin")?.patterns ?? [];
    const user = changes.find(({ leg }) => leg === "user")?.patterns ?? [];
    const deny = ["a.*", "*.b"].filter((pattern) => !removed.includes(pattern));
    const repaired = await setup({ allow: ["x", ...added], deny });
    expect(repaired.enforcer.explain(request("a.b", { userPermissions: user }))).toMatchObject({
      allowed: true,
      reason: "allowed",
      changes: [],
    });
  });

  it("asks for a registration, a renewal or a mission where one is missing", async () => {
    expect(kinds((await setup()).enforcer)).toEqual(["register_plugin"]);
    const ended = await setup({ allow: ["a"], deny: [], expiresAt: 1000 });
    expect(kinds(ended.enforcer)).toEqual(["renew_grant"]);
    const required = await setup({ allow: ["a"], deny: [] }, { mission: "required" });
    expect(kinds(required.enforcer)).toEqual(["run_under_mission"]);
  });

  it.each(["a.*", "", "a..b"])("asks for a well-formed request in place of %j", async (text) => {
    const { enforcer } = await setup();
    expect(enforcer.explain(request(text))).toMatchObject({
      allowed: false,
      reason: "capability_malformed",
      legs: [],
      changes: [{ kind: "correct_request" }],
    });
  });

  it("asks for a well-formed request in place of an invalid one", async () => {
    const { enforcer } = await setup();
    expect(enforcer.explain(request("a", { userId: "" }))).toMatchObject({
      reason: "request_invalid",
      changes: [{ kind: "correct_request" }],
    });
  });

  it("asks for a well-formed request when the capability is no text", async () => {
    const { enforcer } = await setup({ allow: ["*"], deny: [] });
    // @ts-expect-error: a caller without types may pass anything
    expect(enforcer.explain(request(7))).toMatchObject({
      reason: "request_invalid",
      legs: [],
      changes: [{ kind: "correct_request" }],
    });
  });

  it("answers also while the clock fails", async () => {
    const { enforcer, time } = await setup({ allow: ["*"], deny: [] });
    time.at = Number.NaN;
    expect(enforcer.explain(request("a"))).toMatchObject({
      allowed: false,
      reason: "internal_error",
      legs: [],
    });
  });

  it("asks for nothing when it is allowed, under a mission too", async () => {
    const { enforcer } = await setup({ allow: ["a"], deny: [] }, { mission: "required" });
    const mission = { id: "m", allow: CapabilitySet.from(["a"]), expiresAt: 2000 };
    expect(enforcer.explain(request("a", { mission }))).toMatchObject({
      allowed: true,
      changes: [],
    });
  });

  it("has no pattern where none matches", async () => {
    const { enforcer } = await setup({ allow: ["b"], deny: [] });
    const { legs } = enforcer.explain(request("a"));
    expect(legs.map((leg) => [leg.leg, "pattern" in leg])).toEqual([
      ["deny", false],
      ["plugin", false],
      ["workspace", true],
      ["user", true],
    ]);
  });
});

describe("effective", () => {
  const subject = { plugin: "p", workspaceAllow: ["a.*", "b.*"], userPermissions: ["*.x", "b.*"] };

  it("writes down the intersection and the denials that matter", async () => {
    const { enforcer } = await setup({ allow: ["a.*", "b.c", "c"], deny: ["a.secret.*", "z"] });
    expect(enforcer.effective(subject)).toEqual({
      allow: ["a.*.x", "a.x", "b.c"],
      except: ["a.secret.*"],
    });
  });

  it("leaves out what a denial covers whole", async () => {
    const { enforcer } = await setup({ allow: ["a.x", "b.c"], deny: ["b.*"] });
    expect(enforcer.effective(subject)).toEqual({ allow: ["a.x"], except: [] });
  });

  it("takes the mission into account", async () => {
    const { enforcer } = await setup({ allow: ["a.*", "b.c"], deny: [] });
    const mission = { id: "m", allow: CapabilitySet.from(["b.*"]), expiresAt: 2000 };
    expect(enforcer.effective({ ...subject, mission })).toEqual({ allow: ["b.c"], except: [] });
  });

  it("names the legs when the intersection has too many patterns", async () => {
    const { enforcer } = await setup({ allow: ["*.a.*.b.*.c.*.d.*"], deny: ["*.q", "z"] });
    const wide = { plugin: "p", workspaceAllow: ["*"], userPermissions: ["*.e.*.f.*.g.*.h.*"] };
    expect(enforcer.effective(wide)).toEqual({
      allOf: [["*.a.*.b.*.c.*.d.*"], ["*"], ["*.e.*.f.*.g.*.h.*"]],
      except: ["*.q", "z"],
    });
    const mission = { id: "m", allow: CapabilitySet.from(["*"]) };
    expect(enforcer.effective({ ...wide, mission })).toMatchObject({
      allOf: [["*.a.*.b.*.c.*.d.*"], ["*"], ["*.e.*.f.*.g.*.h.*"], ["*"]],
    });
  });

  const over = { id: "m", allow: CapabilitySet.from(["*"]), expiresAt: 1000 };
  const timeless = { id: "m", allow: CapabilitySet.from(["*"]), expiresAt: Number.NaN };

  it.each([
    ["an unknown plugin", { ...subject, plugin: "q" }],
    ["a mission that is over", { ...subject, mission: over }],
    ["a mission that is invalid", { ...subject, mission: timeless }],
    ["sets that are no sets", { ...subject, userPermissions: "*" }],
  ])("is nothing for %s", async (_, asked) => {
    const { enforcer } = await setup({ allow: ["*"], deny: [] });
    // @ts-expect-error: a caller without types may pass anything
    expect(enforcer.effective(asked)).toEqual({ allow: [], except: [] });
  });

  it("is nothing for a grant that has ended, and without a mission that is required", async () => {
    const ended = await setup({ allow: ["*"], deny: [], expiresAt: 1000 });
    expect(ended.enforcer.effective(subject)).toEqual({ allow: [], except: [] });
    const required = await setup({ allow: ["*"], deny: [] }, { mission: "required" });
    expect(required.enforcer.effective(subject)).toEqual({ allow: [], except: [] });
    const mission = { id: "m", allow: CapabilitySet.from(["b.c"]) };
    expect(required.enforcer.effective({ ...subject, mission })).toMatchObject({ allow: ["b.c"] });
  });
});
