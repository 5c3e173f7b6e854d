import { CapabilitySet } from "@sigilrt/capability";
import {
  type AuditRecord,
  type CheckRequest,
  createMemoryAuditStore,
  Enforcer,
  type EnforcerOptions,
  type StoredAuditRecord,
} from "@sigilrt/enforcer";
import { describe, expect, it } from "vitest";

const clock = { now: () => 1000 };
const all = CapabilitySet.from(["*"]);

function setup(options?: EnforcerOptions) {
  const store = createMemoryAuditStore({ maxRecords: 100 });
  const enforcer = new Enforcer(store, clock, options);
  const checks = async (): Promise<readonly StoredAuditRecord[]> =>
    (await store.query({ action: "capability_check" })).records;
  return { store, enforcer, checks };
}

function request(
  plugin: string,
  capability: string,
  more: Partial<CheckRequest> = {},
): CheckRequest {
  return {
    plugin,
    capability,
    userId: "user-1",
    workspaceId: "ws-1",
    workspaceAllow: all,
    userPermissions: all,
    ...more,
  };
}

describe("Enforcer", () => {
  it("allows a matching capability", async () => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("telegram", {
      allow: ["sessions.read", "messages.send.*"],
      deny: ["exec.*"],
    });
    const asked = request("telegram", "sessions.read");
    expect(await enforcer.check(asked)).toEqual({
      allowed: true,
      reason: "allowed",
      plugin: "telegram",
      capability: "sessions.read",
      matched: { plugin: "sessions.read", workspace: "*", user: "*" },
      generation: 1,
      cached: false,
      receipt: {
        log: "memory",
        seq: 1,
        decisionId: expect.stringMatching(/^memory-[0-9a-f]{24}$/u),
      },
    });
    expect(await enforcer.enforce(asked)).toMatchObject({ allowed: true });
  });

  it("denies a missing capability", async () => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("telegram", { allow: ["sessions.read"], deny: [] });
    const asked = request("telegram", "exec.run");
    expect(await enforcer.check(asked)).toMatchObject({
      allowed: false,
      reason: "plugin_not_allowed",
      matched: {},
    });
    await expect(enforcer.enforce(asked)).rejects.toThrow("denied");
  });

  it("denies an explicit deny", async () => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("malicious", { allow: ["exec.*"], deny: ["exec.*"] });
    const exec = { workspaceAllow: ["exec.*"], userPermissions: ["exec.*"] };
    const asked = request("malicious", "exec.run", exec);
    expect(await enforcer.check(asked)).toMatchObject({
      reason: "plugin_denied",
      matched: { deny: "exec.*" },
    });
    await expect(enforcer.enforce(asked)).rejects.toThrow("denied");
  });

  it("denies outside the workspace", async () => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("exec-tool", { allow: ["exec.run.sandboxed"], deny: [] });
    const workspaceAllow = ["calendar.*", "shopping.*"];
    const asked = request("exec-tool", "exec.run.sandboxed", { workspaceAllow });
    expect(await enforcer.check(asked)).toMatchObject({
      reason: "workspace_not_allowed",
      matched: { plugin: "exec.run.sandboxed" },
    });
  });

  it("denies beyond the user", async () => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("exec-tool", { allow: ["exec.run.sandboxed"], deny: [] });
    const userPermissions = ["sessions.*", "messages.*"];
    const asked = request("exec-tool", "exec.run.sandboxed", { userPermissions });
    expect(await enforcer.check(asked)).toMatchObject({ reason: "user_not_allowed" });
  });

  const three = { allow: ["sessions.read", "sessions.write", "exec.run"], deny: [] };

  it("intersects three ways, 1", async () => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("test-plugin", three);
    const sets = {
      workspaceAllow: ["sessions.*", "messages.*"],
      userPermissions: ["sessions.read", "messages.send.*"],
    };
    expect(await enforcer.check(request("test-plugin", "sessions.read", sets))).toMatchObject({
      allowed: true,
      matched: { plugin: "sessions.read", workspace: "sessions.*", user: "sessions.read" },
    });
  });

  it.each([
    ["2", "exec.run"],
    ["3", "sessions.write"],
  ])("intersects three ways, %s", async (_, capability) => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("test-plugin", three);
    const asked = request("test-plugin", capability, { userPermissions: ["sessions.read"] });
    expect(await enforcer.check(asked)).toMatchObject({ reason: "user_not_allowed" });
  });

  it("denies a user without permissions", async () => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("test-plugin", { allow: ["sessions.read"], deny: [] });
    const asked = request("test-plugin", "sessions.read", { userPermissions: [] });
    expect(await enforcer.check(asked)).toMatchObject({ reason: "user_not_allowed" });
  });

  it("records a check", async () => {
    const { enforcer, checks } = setup();
    await enforcer.registerPlugin("test-plugin", { allow: ["sessions.read"], deny: [] });
    const decision = await enforcer.check(request("test-plugin", "sessions.read"));
    expect(await checks()).toEqual([
      {
        action: "capability_check",
        actor: "user-1",
        plugin: "test-plugin",
        workspace: "ws-1",
        capability: "sessions.read",
        result: "allowed",
        reason: "allowed",
        matched: { plugin: "sessions.read", workspace: "*", user: "*" },
        generation: 1,
        cached: false,
        decision: decision.receipt?.decisionId,
        log: "memory",
        seq: 1,
      },
    ]);
  });

  it("denies an unregistered plugin", async () => {
    const { enforcer, checks } = setup();
    expect(await enforcer.check(request("unknown", "sessions.read"))).toMatchObject({
      reason: "plugin_unknown",
    });
    expect(await checks()).toMatchObject([{ plugin: "unknown", result: "denied" }]);
  });

  it("records mission, session, trace and the digest of each set", async () => {
    const { enforcer, checks } = setup({ digest: (text) => `digest of ${text}` });
    await enforcer.registerPlugin("test-plugin", { allow: ["a.*", "b"], deny: ["c"] });
    await enforcer.check(
      request("test-plugin", "a.b", {
        mission: { id: "mission-1", allow: CapabilitySet.from(["a.b"]) },
        sessionId: "session-1",
        trace: { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" },
      }),
    );
    expect(await checks()).toMatchObject([
      {
        mission: "mission-1",
        session: "session-1",
        trace: "0af7651916cd43dd8448eb211c80319c",
        span: "b7ad6b7169203331",
        matched: { mission: "a.b" },
        policy: {
          deny: "digest of c",
          plugin: "digest of a.*\nb",
          workspace: "digest of *",
          user: "digest of *",
          mission: "digest of a.b",
        },
      },
    ]);
  });

  it("leaves out of a record what there is not: canonical JSON has no word for it", async () => {
    const records: AuditRecord[] = [];
    const memory = createMemoryAuditStore({ maxRecords: 10 });
    const append = (given: readonly AuditRecord[]) => {
      records.push(...given);
      return memory.append(given);
    };
    const enforcer = new Enforcer({ ...memory, append }, clock);
    await enforcer.registerPlugin("p", { allow: ["a"], deny: [] });
    await enforcer.check(request("p", "b"));
    expect(records).toStrictEqual([
      {
        action: "grant.registered",
        actor: "system:enforcer",
        plugin: "p",
        result: "ok",
        reason: "ok",
        detail: { allow: 1, deny: 0 },
      },
      {
        action: "capability_check",
        actor: "user-1",
        workspace: "ws-1",
        plugin: "p",
        capability: "b",
        result: "denied",
        reason: "plugin_not_allowed",
        matched: {},
        generation: 1,
        cached: false,
      },
    ]);
  });

  it("names the set of a handle, and only sets that there are", async () => {
    const asked: string[] = [];
    const { enforcer, checks } = setup({
      digest: (text) => {
        asked.push(text);
        return `digest of ${text}`;
      },
    });
    await enforcer.registerPlugin("p", { allow: ["a.*"], deny: [] });
    const handle = enforcer.bind(request("p", "a.b")).attenuate(["a.b", "a.c"]);
    await handle.check("a.b");
    await handle.check("a.c");
    expect((await enforcer.check(request("unknown", "a"))).reason).toBe("plugin_unknown");
    const everywhere = { workspace: "digest of *", user: "digest of *" };
    const held = { ...everywhere, deny: "digest of ", plugin: "digest of a.*" };
    expect((await checks()).map(({ policy }) => policy)).toStrictEqual([
      everywhere,
      { ...held, handle: "digest of a.b\na.c" },
      { ...held, handle: "digest of a.b\na.c" },
    ]);
    // Each set once, however often it takes part.
    expect(asked.toSorted()).toEqual(["", "*", "a.*", "a.b\na.c"]);
  });
});

const list = (contains: boolean): string[] => (contains ? ["a.b"] : ["a.c"]);

describe("the legs, all of them", () => {
  const combinations = Array.from({ length: 64 }, (_, bits) => ({
    deny: (bits & 1) !== 0,
    plugin: (bits & 2) !== 0,
    handle: (bits & 4) !== 0,
    workspace: (bits & 8) !== 0,
    user: (bits & 16) !== 0,
    mission: (bits & 32) !== 0,
  }));
  it.each(combinations)(
    "deny $deny, plugin $plugin, handle $handle, workspace $workspace, user $user, mission $mission",
    async (legs) => {
      const { enforcer, checks } = setup();
      await enforcer.registerPlugin("p", { allow: list(legs.plugin), deny: list(legs.deny) });
      const subject = request("p", "a.b", {
        workspaceAllow: list(legs.workspace),
        userPermissions: list(legs.user),
        mission: { id: "m", allow: CapabilitySet.from(list(legs.mission)) },
      });
      const handle = enforcer.bind(subject).attenuate(list(legs.handle));
      const { deny, plugin, workspace, user, mission } = legs;
      const isAllowed = !deny && plugin && workspace && user && mission;
      const failing = [
        [deny, "plugin_denied"],
        [!plugin, "plugin_not_allowed"],
        [!legs.handle, "handle_not_allowed"],
        [!workspace, "workspace_not_allowed"],
        [!user, "user_not_allowed"],
        [!mission, "mission_not_allowed"],
        [true, "allowed"],
      ].find(([fails]) => fails);

      expect((await enforcer.check(subject)).allowed).toBe(isAllowed);
      expect(enforcer.evaluate(subject).allowed).toBe(isAllowed);
      const bound = await handle.check("a.b");
      expect(bound.allowed).toBe(isAllowed && legs.handle);
      expect(bound.reason).toBe(failing?.[1]);
      expect((await handle.check("a.b")).reason).toBe(failing?.[1]);
      expect((await checks()).map(({ result }) => result === "allowed")).toEqual([
        isAllowed && legs.handle,
        isAllowed && legs.handle,
        isAllowed,
      ]);
    },
  );
});

describe("missions", () => {
  const allow = CapabilitySet.from(["a.*"]);

  it("denies without a mission only when one is required", async () => {
    const optional = setup();
    const required = setup({ mission: "required" });
    await optional.enforcer.registerPlugin("p", { allow: ["a.*"], deny: [] });
    await required.enforcer.registerPlugin("p", { allow: ["a.*"], deny: [] });
    expect(await optional.enforcer.check(request("p", "a.b"))).toMatchObject({ allowed: true });
    expect(await required.enforcer.check(request("p", "a.b"))).toMatchObject({
      reason: "mission_not_allowed",
    });
    const under = request("p", "a.b", { mission: { id: "m", allow } });
    expect(await required.enforcer.check(under)).toMatchObject({ allowed: true });
  });

  it.each([
    [999, "mission_expired"],
    [1000, "mission_expired"],
    [1001, "allowed"],
  ])("ends a mission at %i, when the clock says 1000: %s", async (expiresAt, reason) => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("p", { allow: ["a.*"], deny: [] });
    const under = request("p", "a.b", { mission: { id: "m", allow, expiresAt } });
    expect(await enforcer.check(under)).toMatchObject({ reason });
  });

  it("names a capability outside the mission before its end", async () => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("p", { allow: ["*"], deny: [] });
    const under = request("p", "b.c", { mission: { id: "m", allow, expiresAt: 1 } });
    expect(await enforcer.check(under)).toMatchObject({ reason: "mission_not_allowed" });
  });
});

describe("checkMany", () => {
  it("equals single checks, in the order of the requests, with one append", async () => {
    const { store } = setup();
    const appends: number[] = [];
    const counting = {
      ...store,
      append: (...args: Parameters<typeof store.append>) => {
        appends.push(args[0].length);
        return store.append(...args);
      },
    };
    const enforcer = new Enforcer(counting, clock);
    await enforcer.registerPlugin("p", { allow: ["a.*"], deny: ["a.x"] });
    const requests = ["a.b", "a.x", "b", "a.*", "a.c"].map((capability) =>
      request("p", capability),
    );
    const many = await enforcer.checkMany(requests);
    expect(appends).toEqual([1, 5]);
    const single = await Promise.all(requests.map((asked) => enforcer.check(asked)));
    expect(many.map(({ reason }) => reason)).toEqual(single.map(({ reason }) => reason));
    expect(many.map(({ receipt }) => receipt?.seq)).toEqual([1, 2, 3, 4, 5]);
    expect(many.map(({ capability }) => capability)).toEqual(["a.b", "a.x", "b", "a.*", "a.c"]);
    expect(Object.isFrozen(many)).toBe(true);
  });

  it("answers no requests with no decisions and no append", async () => {
    const { enforcer, store } = setup();
    expect(await enforcer.checkMany([])).toEqual([]);
    expect(store.health().records).toBe(0);
  });
});

describe("making an enforcer", () => {
  const store = createMemoryAuditStore({ maxRecords: 1 });

  it.each([undefined, null, {}, { query: () => 1 }])("refuses %j for a store", (audit) => {
    // @ts-expect-error: a caller without types may pass anything
    const make = () => new Enforcer(audit, clock);
    expect(make).toThrow(TypeError);
    expect(make).toThrow("no audit store");
  });

  it("refuses to be made with nothing", () => {
    // @ts-expect-error: a caller without types may pass anything
    expect(() => new Enforcer(undefined)).toThrow(TypeError);
  });

  it.each([undefined, null, {}, 7])("refuses %j for a clock", (time) => {
    // @ts-expect-error: a caller without types may pass anything
    const make = () => new Enforcer(store, time);
    expect(make).toThrow(TypeError);
    expect(make).toThrow("no clock");
  });

  it("takes Date for a clock", async () => {
    const decision = await new Enforcer(store, Date).check(request("unknown", "a"));
    expect(decision.reason).toBe("plugin_unknown");
  });

  it.each([
    { auditTimeoutMs: 0 },
    { auditTimeoutMs: Number.NaN },
    { auditTimeoutMs: Number.POSITIVE_INFINITY },
    { auditTimeoutMs: 2 ** 31 },
    { limits: { plugins: 0 } },
    { limits: { plugins: 2 ** 24 + 1 } },
    { limits: { handles: 1.5 } },
    { limits: { cache: -1 } },
  ])("refuses the options %j", (options) => {
    expect(() => new Enforcer(store, clock, options)).toThrow(RangeError);
  });

  it("has these limits when it is told nothing", async () => {
    const waits: number[] = [];
    const deadline = (timeoutMs: number): AbortSignal => {
      waits.push(timeoutMs);
      return new AbortController().signal;
    };
    const roomy = createMemoryAuditStore({ maxRecords: 20_000 });
    const enforcer = new Enforcer(roomy, clock, { deadline });
    const grant = { allow: ["*"], deny: [] };
    const names = Array.from({ length: 10_000 }, (_, number) => `p${number}`);
    await Promise.all(names.map((name) => enforcer.registerPlugin(name, grant)));
    await expect(enforcer.registerPlugin("one-more", grant)).rejects.toThrow("10000 plugins");
    expect(new Set(waits)).toEqual(new Set([1000]));

    const handle = enforcer.bind(request("p0", "a"));
    for (let made = 1; made < 100_000; made += 1) enforcer.bind(request("p0", "a"));
    expect(() => enforcer.bind(request("p0", "a"))).toThrow("100000 are not revoked");

    const asked = Array.from({ length: 1025 }, (_, number) => `n${number}`);
    for (const capability of asked) {
      // oxlint-disable-next-line no-await-in-loop -- one answer after the other is kept
      await handle.check(capability);
    }
    expect(await handle.check("n512")).toMatchObject({ cached: true });
    expect(await handle.check("n0")).toMatchObject({ cached: false });
  });

  it("takes the largest numbers", () => {
    const limits = { plugins: 2 ** 24, handles: 2 ** 24, cache: 2 ** 24 };
    const options = { auditTimeoutMs: 2 ** 31 - 1, limits };
    expect(new Enforcer(store, clock, options).generation).toBe(0);
  });

  it.each([{ mission: "requird" }, { digest: "sha256" }, { deadline: 7 }])(
    "refuses the options %j as a mistake",
    (options) => {
      // @ts-expect-error: a caller without types may pass anything
      expect(() => new Enforcer(store, clock, options)).toThrow(TypeError);
    },
  );
});
