import { CapabilitySet } from "@sigilrt/capability";
import {
  type BoundEnforcer,
  type BoundSubject,
  createMemoryAuditStore,
  Enforcer,
  type EnforcerOptions,
} from "@sigilrt/enforcer";
import { describe, expect, it } from "vitest";

async function setup(options?: EnforcerOptions) {
  const store = createMemoryAuditStore({ maxRecords: 10_000 });
  const enforcer = new Enforcer(store, { now: () => 1000 }, options);
  await enforcer.registerPlugin("p", { allow: ["*"], deny: ["secret.*"] });
  return { store, enforcer };
}

const subject: BoundSubject = {
  plugin: "p",
  userId: "user-1",
  workspaceId: "ws-1",
  workspaceAllow: ["*"],
  userPermissions: ["*"],
};

const deepen = (handle: BoundEnforcer, times: number): BoundEnforcer =>
  times === 0 ? handle : deepen(handle.attenuate(["a.b"]), times - 1);

describe("a bound handle", () => {
  it("asks for its subject", async () => {
    const { enforcer, store } = await setup();
    const handle = enforcer.bind({ ...subject, sessionId: "session-1" });
    expect(await handle.check("a.b")).toMatchObject({ allowed: true, plugin: "p" });
    expect(await handle.enforce("a.b")).toMatchObject({ allowed: true, cached: true });
    await expect(handle.enforce("secret.x")).rejects.toMatchObject({
      code: "DENIED",
      message: 'Cannot use "secret.x": denied',
      decision: { reason: "plugin_denied" },
    });
    const { records } = await store.query({ action: "capability_check" }, { limit: 1 });
    expect(records).toMatchObject([{ actor: "user-1", session: "session-1" }]);
    expect(Object.isFrozen(handle)).toBe(true);
  });

  it("keeps the subject as it was when it was bound", async () => {
    const { enforcer } = await setup();
    const changing = { ...subject, userPermissions: ["a.b"] };
    const handle = enforcer.bind(changing);
    changing.userPermissions[0] = "*";
    changing.userId = "root";
    expect((await handle.check("c.d")).reason).toBe("user_not_allowed");
  });

  it("denies everything to an invalid subject, and records it", async () => {
    const { enforcer, store } = await setup();
    const handle = enforcer.bind({ ...subject, userId: "" });
    expect((await handle.check("a.b")).reason).toBe("request_invalid");
    expect((await store.query({ reason: "request_invalid" })).records).toHaveLength(1);
  });

  it.each([undefined, 7, ["a.b"], {}])("refuses to be asked for %j", async (capability) => {
    const { enforcer } = await setup();
    // @ts-expect-error: a caller without types may pass anything
    expect((await enforcer.bind(subject).check(capability)).reason).toBe("request_invalid");
  });

  it("refuses a star", async () => {
    const { enforcer } = await setup();
    expect((await enforcer.bind(subject).check("a.*")).reason).toBe("capability_malformed");
  });
});

describe("an attenuated handle", () => {
  it("holds what it was left and nothing else", async () => {
    const { enforcer } = await setup();
    const handle = enforcer.bind(subject).attenuate(["a.*", "secret.*"]);
    expect(await handle.check("a.b")).toMatchObject({ allowed: true, matched: { handle: "a.*" } });
    expect((await handle.check("b.c")).reason).toBe("handle_not_allowed");
    expect((await handle.check("secret.x")).reason).toBe("plugin_denied");
  });

  it("cannot be widened", async () => {
    const { enforcer } = await setup();
    const handle = enforcer.bind(subject).attenuate(["a.*"]);
    expect(() => handle.attenuate(["*"])).toThrow(expect.objectContaining({ code: "WIDENING" }));
    expect(() => handle.attenuate(["a.b", "b"])).toThrow(
      expect.objectContaining({ code: "WIDENING", message: expect.stringContaining('"b"') }),
    );
    expect((await handle.attenuate(["a.b"]).check("a.c")).reason).toBe("handle_not_allowed");
    expect((await handle.attenuate([]).check("a.b")).reason).toBe("handle_not_allowed");
  });

  it.each([[["mess*"]], ["a.b"], [undefined], [[7]]])(
    "refuses %j for a set of patterns",
    async (patterns) => {
      const { enforcer } = await setup();
      // @ts-expect-error: a caller without types may pass anything
      expect(() => enforcer.bind(subject).attenuate(patterns)).toThrow(
        expect.objectContaining({ code: "WIDENING" }),
      );
    },
  );

  it("works a hundred deep", async () => {
    const { enforcer } = await setup();
    const root = enforcer.bind(subject);
    const deep = deepen(root.attenuate(["a.*"]), 100);
    expect((await deep.check("a.b")).allowed).toBe(true);
    expect((await deep.check("a.c")).allowed).toBe(false);
    root.revoke();
    expect((await deep.check("a.b")).reason).toBe("handle_revoked");
  });
});

describe("revoking", () => {
  it("ends a handle and its descendants, at once and for good, and no other", async () => {
    const { enforcer, store } = await setup();
    const root = enforcer.bind(subject);
    const [left, right] = [root.attenuate(["a.*"]), root.attenuate(["a.*"])];
    const below = left.attenuate(["a.b"]);
    left.revoke();
    left.revoke();
    expect((await left.check("a.b")).reason).toBe("handle_revoked");
    expect((await below.check("a.b")).reason).toBe("handle_revoked");
    expect((await left.attenuate(["a.b"]).check("a.b")).reason).toBe("handle_revoked");
    expect((await right.check("a.b")).allowed).toBe(true);
    expect((await root.check("a.b")).allowed).toBe(true);
    const { records } = await store.query({ action: "handle.revoked" });
    expect(records).toMatchObject([{ actor: "user-1", plugin: "p", result: "ok" }]);
  });

  it("is reported before a plugin that is unknown, and after a capability that is malformed", async () => {
    const { enforcer } = await setup();
    const handle = enforcer.bind({ ...subject, plugin: "unknown" });
    handle.revoke();
    expect((await handle.check("a")).reason).toBe("handle_revoked");
    expect((await handle.check("a.*")).reason).toBe("capability_malformed");
  });
});

describe("the record of a revocation", () => {
  it("says who held the handle, as a check does", async () => {
    const { enforcer, store } = await setup();
    const mission = { id: "m", allow: CapabilitySet.from(["*"]) };
    const trace = { traceId: "t", spanId: "s" };
    enforcer.bind({ ...subject, userId: "zoë", mission, trace }).revoke();
    const { records } = await store.query({ action: "handle.revoked" });
    expect(records).toMatchObject([{ actor: "zoë", mission: "m", trace: "t", span: "s" }]);
  });

  it("is written for a subject that was invalid, too", async () => {
    const { enforcer, store } = await setup();
    enforcer.bind({ ...subject, userId: "a\n" }).revoke();
    const { records } = await store.query({ action: "handle.revoked" });
    expect(records).toMatchObject([{ actor: String.raw`a\u{a}`, plugin: "p" }]);
  });
});

describe("the number of handles", () => {
  const limited = expect.objectContaining({ code: "LIMIT_EXCEEDED" });

  it("is bounded, attenuated ones included", async () => {
    const { enforcer } = await setup({ limits: { handles: 2 } });
    const root = enforcer.bind(subject);
    root.attenuate(["a"]);
    expect(() => root.attenuate(["a"])).toThrow(limited);
    expect(() => enforcer.bind(subject)).toThrow(limited);
  });

  it("falls by a handle and its descendants when it is revoked, each counted once", async () => {
    const { enforcer } = await setup({ limits: { handles: 4 } });
    const root = enforcer.bind(subject);
    const child = root.attenuate(["a.*"]);
    const grandchild = child.attenuate(["a.b"]);
    grandchild.revoke();
    child.revoke();
    root.revoke();
    grandchild.revoke();
    root.attenuate(["a"]);
    const again = Array.from({ length: 4 }, () => enforcer.bind(subject));
    expect(again).toHaveLength(4);
    expect(() => enforcer.bind(subject)).toThrow(limited);
  });

  it("falls by all descendants at once", async () => {
    const { enforcer } = await setup({ limits: { handles: 3 } });
    const root = enforcer.bind(subject);
    deepen(root, 2);
    root.revoke();
    expect(Array.from({ length: 3 }, () => enforcer.bind(subject))).toHaveLength(3);
    expect(() => enforcer.bind(subject)).toThrow(limited);
  });
});

it("never grants more by a deny, a leg, an attenuation or time", async () => {
  const { enforcer } = await setup();
  const asked = ["a.b", "a.c", "b", "secret.x"];
  const mission = { id: "m", allow: CapabilitySet.from(["a.*", "b"]) };
  const wide = enforcer.bind(subject);
  const narrower = [
    enforcer.bind({ ...subject, userPermissions: ["a.*"] }),
    enforcer.bind({ ...subject, workspaceAllow: ["b"] }),
    enforcer.bind({ ...subject, mission }),
    wide.attenuate(["a.b"]),
  ];
  const allowed = async (handle: BoundEnforcer): Promise<readonly string[]> => {
    const decisions = await Promise.all(asked.map((capability) => handle.check(capability)));
    return asked.filter((_, at) => decisions[at]?.allowed);
  };
  const most = new Set(await allowed(wide));
  const parts = await Promise.all(narrower.map(allowed));
  expect(parts.map((part) => part.every((capability) => most.has(capability)))).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(parts.map((part) => part.length < most.size)).toEqual([true, true, false, true]);
});
