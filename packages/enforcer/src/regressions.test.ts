import { CapabilitySet } from "@sigilrt/capability";
import {
  type AuditRecord,
  type CheckRequest,
  createMemoryAuditStore,
  Enforcer,
  EnforcerError,
  publicAnswer,
  type StoredAuditRecord,
} from "@sigilrt/enforcer";
import { describe, expect, it } from "vitest";

function setup() {
  const time = { at: 1000 };
  const store = createMemoryAuditStore({ maxRecords: 1000 });
  const enforcer = new Enforcer(store, { now: () => time.at });
  const checks = async (): Promise<readonly StoredAuditRecord[]> =>
    (await store.query({ action: "capability_check" })).records;
  return { time, store, enforcer, checks };
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

async function messageOf(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => "",
    (error: unknown) => (error instanceof EnforcerError ? error.message : ""),
  );
}

describe("defects of earlier runtimes", () => {
  it("`filesystem.read./data/*` allows `/data/a.txt`", async () => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("p", { allow: ["filesystem.read./data/*"], deny: [] });
    const decision = await enforcer.check(request("filesystem.read./data/a.txt"));
    expect(decision.reason).toBe("allowed");
  });

  it("refuses a request that contains a star", async () => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("p", { allow: ["exec.*"], deny: ["exec.run"] });
    const decision = await enforcer.check(request("exec.*"));
    expect(decision).toMatchObject({ allowed: false, reason: "capability_malformed" });
    expect(await messageOf(enforcer.enforce(request("exec.*")))).toBe(
      'Cannot use "exec.*": malformed',
    );
  });

  it("allow `filesystem.read./data/*`, deny `filesystem.read./data/secret`: `conflicts` names it with a witness", async () => {
    const { enforcer } = setup();
    const review = await enforcer.registerPlugin("p", {
      allow: ["filesystem.read./data/*"],
      deny: ["filesystem.read./data/secret"],
    });
    expect(review.conflicts).toMatchObject([{ witness: "filesystem.read./data/secret" }]);
  });

  it("nothing is allowed before `registerPlugin`", async () => {
    const { enforcer } = setup();
    expect((await enforcer.check(request("a"))).reason).toBe("plugin_unknown");
    expect(enforcer.evaluate(request("a")).reason).toBe("plugin_unknown");
  });

  it("the second `registerPlugin` is `DUPLICATE_PLUGIN` and the first grant is unchanged", async () => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("p", { allow: ["a"], deny: [] });
    await expect(enforcer.registerPlugin("p", { allow: ["*"], deny: [] })).rejects.toMatchObject({
      code: "DUPLICATE_PLUGIN",
    });
    expect((await enforcer.check(request("a"))).allowed).toBe(true);
    expect((await enforcer.check(request("b"))).allowed).toBe(false);
  });

  it("after `unregisterPlugin` checks and old handles answer `plugin_unknown`", async () => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("p", { allow: ["a"], deny: [] });
    const handle = enforcer.bind(request("a"));
    expect((await handle.check("a")).allowed).toBe(true);
    expect(await enforcer.unregisterPlugin("p")).toBe(true);
    expect(await enforcer.unregisterPlugin("p")).toBe(false);
    expect((await enforcer.check(request("a"))).reason).toBe("plugin_unknown");
    expect((await handle.check("a")).reason).toBe("plugin_unknown");
  });

  it("allow `exec.*`, deny `exec.run`: request `exec.*` is `capability_malformed`", async () => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("p", { allow: ["exec.*"], deny: ["exec.run"] });
    const reasons = ["exec.*", "exec.run", "exec.stop"].map(
      (capability) => enforcer.evaluate(request(capability)).reason,
    );
    expect(reasons).toEqual(["capability_malformed", "plugin_denied", "allowed"]);
  });

  it("malformed and invalid requests are recorded", async () => {
    const { enforcer, checks } = setup();
    await enforcer.check(request("mess*"));
    await enforcer.check(request("a", { userId: "" }));
    expect((await checks()).map(({ reason }) => reason)).toEqual([
      "request_invalid",
      "capability_malformed",
    ]);
  });

  it("audits a malformed request as a denial", async () => {
    const { enforcer, checks } = setup();
    await enforcer.registerPlugin("p", { allow: ["*"], deny: [] });
    const hostile = `a\n\u202e${"x".repeat(5000)}`;
    const decision = await enforcer.check(request(hostile));
    expect(decision.reason).toBe("capability_malformed");
    expect(await checks()).toMatchObject([
      {
        actor: "user-1",
        plugin: "p",
        capability: String.raw`a\u{a}\u{202e}` + "x".repeat(253),
        result: "denied",
        reason: "capability_malformed",
      },
    ]);
  });

  it("`actor` is the user", async () => {
    const { enforcer, checks } = setup();
    await enforcer.check(request("a", { plugin: "some-plugin", userId: "some-user" }));
    expect(await checks()).toMatchObject([{ actor: "some-user", plugin: "some-plugin" }]);
  });

  it("answers every denial of one class with the same public text", async () => {
    const { enforcer, time } = setup();
    await enforcer.registerPlugin("p", { allow: ["a", "d"], deny: ["d"], expiresAt: 2000 });
    const none = { allow: CapabilitySet.empty, id: "m" };
    const over = { allow: CapabilitySet.from(["*"]), id: "m", expiresAt: 1 };
    const revoked = enforcer.bind(request("a"));
    revoked.revoke();
    const narrow = enforcer.bind(request("a")).attenuate(["b"]);
    const full = createMemoryAuditStore({ maxRecords: 1 });
    const unrecorded = new Enforcer(full, Date);
    await unrecorded.registerPlugin("p", { allow: ["a"], deny: [] });

    const attempts: (() => Promise<unknown>)[] = [
      () => enforcer.enforce(request("a", { plugin: "unknown" })),
      () => enforcer.enforce(request("a", { workspaceAllow: [] })),
      () => enforcer.enforce(request("a", { userPermissions: [] })),
      () => enforcer.enforce(request("a", { mission: none })),
      () => enforcer.enforce(request("a", { mission: over })),
      () => enforcer.enforce(request("a", { userId: "" })),
      () => revoked.enforce("a"),
      () => narrow.enforce("a"),
      () => unrecorded.enforce(request("a")),
    ];
    const failures = await Promise.all(
      attempts.map((attempt) => attempt().catch((error: unknown) => error)),
    );
    time.at = 2000;
    failures.push(await enforcer.enforce(request("a")).catch((error: unknown) => error));

    const denials = failures.filter((failure) => failure instanceof EnforcerError);
    expect(new Set(denials.map(({ decision }) => decision?.reason))).toEqual(
      new Set([
        "plugin_unknown",
        "workspace_not_allowed",
        "user_not_allowed",
        "mission_not_allowed",
        "mission_expired",
        "request_invalid",
        "handle_revoked",
        "handle_not_allowed",
        "audit_unavailable",
        "grant_expired",
      ]),
    );
    expect(new Set(denials.map(({ message }) => message))).toEqual(
      new Set(['Cannot use "a": denied']),
    );
    const answers = denials.map(({ decision }) => decision && publicAnswer(decision));
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(
      new Set(['{"allowed":false,"reason":"denied"}']),
    );
  });

  it("`publicAnswer` and the message are equal for all denials but malformed", async () => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("p", { allow: ["a", "d"], deny: ["d"] });
    const answer = (capability: string): unknown =>
      publicAnswer(enforcer.evaluate(request(capability)));
    expect(answer("a")).toEqual({ allowed: true });
    expect(answer("d")).toEqual({ allowed: false, reason: "denied" });
    expect(answer("b")).toEqual({ allowed: false, reason: "denied" });
    expect(answer("a..b")).toEqual({ allowed: false, reason: "malformed" });
    expect(Object.isFrozen(answer("a"))).toBe(true);
  });
});

describe("replace, unregister, revoke, expiry: the next check sees it", () => {
  it("sees a replaced grant at the next check", async () => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("p", { allow: ["a", "b"], deny: [] });
    const handle = enforcer.bind(request("a"));
    expect([await handle.check("a"), await handle.check("a")]).toMatchObject([
      { allowed: true, cached: false, generation: 1 },
      { allowed: true, cached: true, generation: 1 },
    ]);
    await enforcer.replacePlugin("p", { allow: ["b"], deny: [] });
    expect(await handle.check("a")).toMatchObject({
      reason: "plugin_not_allowed",
      cached: false,
      generation: 2,
    });
  });

  it("sees a grant that ends at the next check, and keeps it ended when the clock goes back", async () => {
    const { enforcer, time } = setup();
    await enforcer.registerPlugin("p", { allow: ["a"], deny: [], expiresAt: 2000 });
    const handle = enforcer.bind(request("a"));
    await handle.check("a");
    time.at = 1999;
    expect(await handle.check("a")).toMatchObject({ allowed: true, cached: true });
    time.at = 2000;
    expect(await handle.check("a")).toMatchObject({ reason: "grant_expired", cached: false });
    expect(await handle.check("a")).toMatchObject({ reason: "grant_expired", cached: true });
    time.at = 0;
    expect(await handle.check("a")).toMatchObject({ reason: "grant_expired" });
    expect(await enforcer.check(request("a"))).toMatchObject({ reason: "grant_expired" });
  });

  it("sees a mission that ends", async () => {
    const { enforcer, time } = setup();
    await enforcer.registerPlugin("p", { allow: ["a"], deny: [] });
    const mission = { id: "m", allow: CapabilitySet.from(["a"]), expiresAt: 1500 };
    const handle = enforcer.bind(request("a", { mission }));
    await handle.check("a");
    time.at = 1500;
    expect(await handle.check("a")).toMatchObject({ reason: "mission_expired", cached: false });
  });

  it("sees that the plugin was unregistered", async () => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("p", { allow: ["a"], deny: [] });
    const handle = enforcer.bind(request("a"));
    await handle.check("a");
    await enforcer.unregisterPlugin("p");
    expect(await handle.check("a")).toMatchObject({ reason: "plugin_unknown", cached: false });
  });

  it("sees a revocation", async () => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("p", { allow: ["a"], deny: [] });
    const handle = enforcer.bind(request("a"));
    await handle.check("a");
    handle.revoke();
    expect(await handle.check("a")).toMatchObject({ reason: "handle_revoked", cached: false });
  });

  it("records a cached answer, and says that it is one", async () => {
    const { enforcer, checks } = setup();
    await enforcer.registerPlugin("p", { allow: ["a"], deny: [] });
    const handle = enforcer.bind(request("a"));
    await handle.check("a");
    await handle.check("a");
    expect((await checks()).map(({ cached }) => cached)).toEqual([true, false]);
  });

  it.each(["a..b", `a.${"x".repeat(255)}`])("keeps no answer about %s", async (capability) => {
    const { enforcer } = setup();
    const handle = enforcer.bind(request("a"));
    await handle.check(capability);
    expect(await handle.check(capability)).toMatchObject({ cached: false });
  });

  it("keeps an answer about a capability of 256 units", async () => {
    const { enforcer } = setup();
    const handle = enforcer.bind(request("a"));
    await handle.check(`a.${"x".repeat(254)}`);
    expect(await handle.check(`a.${"x".repeat(254)}`)).toMatchObject({ cached: true });
  });

  it("keeps no answer about what is no text, under a name that a text can have", async () => {
    const { enforcer } = setup();
    const handle = enforcer.bind(request("a"));
    // @ts-expect-error: a caller without types may pass anything
    expect((await handle.check(7)).reason).toBe("request_invalid");
    expect((await handle.check("(number)")).reason).toBe("capability_malformed");
  });

  it("keeps no answer of a moment in which the clock failed", async () => {
    const { enforcer, time } = setup();
    await enforcer.registerPlugin("p", { allow: ["a"], deny: [] });
    const handle = enforcer.bind(request("a"));
    time.at = Number.NaN;
    expect((await handle.check("a")).reason).toBe("internal_error");
    time.at = 1000;
    expect((await handle.check("a")).reason).toBe("allowed");
  });

  it("keeps as many answers as it may", async () => {
    const { store } = setup();
    const handle = new Enforcer(store, Date, { limits: { cache: 6 } }).bind(request("a"));
    const names = ["a", "b", "c", "d", "e", "f"];
    await Promise.all(names.map((name) => handle.check(name)));
    expect(await handle.check("a")).toMatchObject({ cached: true });
  });

  it("keeps a bounded number of answers", async () => {
    const store = createMemoryAuditStore({ maxRecords: 1000 });
    const enforcer = new Enforcer(store, Date, { limits: { cache: 4 } });
    const handle = enforcer.bind(request("a"));
    const names = Array.from({ length: 9 }, (_, number) => `n${number}`);
    await names.reduce<Promise<unknown>>(
      (before, name) => before.then(() => handle.check(name)),
      Promise.resolve(),
    );
    const again = await Promise.all(names.map((name) => handle.check(name)));
    expect(again.filter(({ cached }) => cached).length).toBeLessThanOrEqual(4);
  });
});

describe("requests of strangers", () => {
  it.each([
    ["no plugin", { plugin: "" }],
    ["a plugin that is no text", { plugin: 7 }],
    ["a long plugin", { plugin: "p".repeat(257) }],
    ["a line feed in the plugin", { plugin: "p\n" }],
    ["no user", { userId: "" }],
    ["a user that is an object", { userId: { name: "root" } }],
    ["a NUL in the user", { userId: "user\0" }],
    ["a C1 control in the user", { userId: "user\u0085" }],
    ["a delete in the user", { userId: "user\u007f" }],
    ["a control at the beginning", { userId: "\u001fuser" }],
    ["the last C1 control", { userId: "user\u009f" }],
    ["the first half of a surrogate pair", { userId: "user\ud800" }],
    ["half a surrogate pair and nothing else", { userId: "\ud800" }],
    ["the second half of a surrogate pair", { userId: "user\udfff" }],
    ["no workspace", { workspaceId: undefined }],
    ["a capability that is no text", { capability: ["a"] }],
    ["an empty session", { sessionId: "" }],
    ["a session that is null", { sessionId: null }],
    ["a mission that is text", { mission: "m" }],
    ["a mission that is null", { mission: null }],
    ["a mission without an id", { mission: { allow: CapabilitySet.from(["*"]) } }],
    [
      "a mission that ends at no time",
      { mission: { id: "m", allow: CapabilitySet.empty, expiresAt: Number.NaN } },
    ],
    ["a trace without a span", { trace: { traceId: "t" } }],
    ["a trace without an id", { trace: { spanId: "s" } }],
    ["a trace that is text", { trace: "t" }],
  ])("refuses %s and records it", async (_, more) => {
    const { enforcer, checks } = setup();
    await enforcer.registerPlugin("p", { allow: ["*"], deny: [] });
    // @ts-expect-error: a caller without types may pass anything
    const decision = await enforcer.check(request("a", more));
    expect(decision).toMatchObject({ allowed: false, reason: "request_invalid" });
    expect(await checks()).toMatchObject([{ result: "denied", reason: "request_invalid" }]);
  });

  it("records what it could read of an invalid request, cut and escaped", async () => {
    const { enforcer, checks } = setup();
    await enforcer.check(request("a", { userId: " ~\\\n", sessionId: "session-1" }));
    await enforcer.check(request("a", { userId: "" }));
    const [without, found] = await checks();
    expect(found).toMatchObject({
      actor: String.raw` ~\\\u{a}`,
      workspace: "ws-1",
      session: "session-1",
    });
    expect(without).not.toHaveProperty("session");
  });

  it.each(["u".repeat(256), "ada lovelace", "no\u00a0break", "zoë \u{1f600}"])(
    "takes the id %s",
    async (userId) => {
      const { enforcer } = setup();
      expect((await enforcer.check(request("a", { userId }))).reason).toBe("plugin_unknown");
    },
  );

  it("records what is there in place of a user", async () => {
    const { enforcer, checks } = setup();
    for (const userId of [undefined, null, 7]) {
      // @ts-expect-error: a caller without types may pass anything
      // oxlint-disable-next-line no-await-in-loop -- one record after the other
      await enforcer.check(request("a", { userId }));
    }
    expect((await checks()).map(({ actor }) => actor)).toEqual([
      "(number)",
      "(null)",
      "(undefined)",
    ]);
  });

  it.each([undefined, null, "p", 7, () => 1])("refuses %s in place of a request", async (asked) => {
    const { enforcer, checks } = setup();
    // @ts-expect-error: a caller without types may pass anything
    expect(await enforcer.check(asked)).toMatchObject({ reason: "request_invalid" });
    expect(await checks()).toMatchObject([{ actor: "(undefined)", plugin: "(undefined)" }]);
  });

  it.each([
    undefined,
    null,
    "*",
    7,
    { patterns: ["*"], contains: () => true, explain: () => "*" },
    Object.create(CapabilitySet.prototype, { explain: { value: () => "*" } }),
    new Set(["*"]),
    ["*", "mess*"],
    ["*", 7],
    Array.from({ length: 10_001 }, () => "*"),
  ])("takes %s for a leg that allows nothing (case %#)", async (set) => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("p", { allow: ["*"], deny: [] });
    const workspace = await enforcer.check(request("a", { workspaceAllow: set }));
    expect(workspace.reason).toBe("workspace_not_allowed");
    const user = await enforcer.check(request("a", { userPermissions: set }));
    expect(user.reason).toBe("user_not_allowed");
    const mission = await enforcer.check(request("a", { mission: { id: "m", allow: set } }));
    expect(mission.reason).toBe("mission_not_allowed");
  });

  it("keeps lists apart that look alike when they are joined", async () => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("p", { allow: ["*"], deny: [] });
    const asked = (workspaceAllow: string[]): string =>
      enforcer.evaluate(request("b", { workspaceAllow })).reason;
    expect(asked(["a", "b"])).toBe("allowed");
    expect(asked(["a,b"])).toBe("workspace_not_allowed");
    expect(asked(["ab"])).toBe("workspace_not_allowed");
    expect(asked(["a1:b"])).toBe("workspace_not_allowed");
  });

  it("sees what a list holds now, not what it held before", async () => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("p", { allow: ["*"], deny: [] });
    const list = ["a"];
    expect((await enforcer.check(request("a", { workspaceAllow: list }))).allowed).toBe(true);
    list[0] = "b";
    expect((await enforcer.check(request("a", { workspaceAllow: list }))).allowed).toBe(false);
  });

  it("reads each field and each member of a list once", async () => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("p", { allow: ["a"], deny: [] });
    const reads = new Map<string | symbol, number>();
    const spy = <Target extends object>(target: Target): Target =>
      new Proxy(target, {
        get(from, key) {
          reads.set(key, (reads.get(key) ?? 0) + 1);
          return Reflect.get(from, key);
        },
      });
    const asked = spy(request("a", { workspaceAllow: spy(["a"]) }));
    expect((await enforcer.check(asked)).allowed).toBe(true);
    expect([...reads.values()].every((count) => count === 1)).toBe(true);
    expect(reads.get("capability")).toBe(1);
    expect(reads.get("0")).toBe(1);
  });

  it("denies and records when a getter throws, with what was read before", async () => {
    const { enforcer, checks } = setup();
    const asked = {
      ...request("a"),
      get workspaceAllow(): never {
        throw new Error("trap");
      },
    };
    expect(await enforcer.check(asked)).toMatchObject({ reason: "internal_error", plugin: "p" });
    expect(await checks()).toMatchObject([{ actor: "user-1", reason: "internal_error" }]);
    expect(enforcer.evaluate(asked).allowed).toBe(false);
  });

  it.each(["__proto__", "constructor", "toString"])("gives %s no rights", async (name) => {
    const { enforcer, checks } = setup();
    const asked = request("a", { plugin: name, userId: name, workspaceId: name });
    expect((await enforcer.check(asked)).reason).toBe("plugin_unknown");
    expect(await checks()).toMatchObject([{ actor: name, plugin: name, workspace: name }]);
    await enforcer.registerPlugin("constructor", { allow: ["a"], deny: [] });
    expect(enforcer.evaluate(request("a", { plugin: "constructor" })).allowed).toBe(true);
    expect(enforcer.evaluate(request("a", { plugin: "__proto__" })).allowed).toBe(false);
  });
});

describe("a record", () => {
  it("is frozen, so that a store cannot change what was decided", async () => {
    const seen: AuditRecord[] = [];
    const memory = createMemoryAuditStore({ maxRecords: 10 });
    const store = {
      ...memory,
      append: (records: readonly AuditRecord[]) => {
        seen.push(...records);
        return memory.append(records);
      },
    };
    await new Enforcer(store, Date).check(request("a"));
    expect(seen.map((record) => Object.isFrozen(record))).toEqual([true]);
  });
});
