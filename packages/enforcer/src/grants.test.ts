import { CapabilityError, CapabilitySet } from "@sigilrt/capability";
import {
  type AuditStore,
  type CheckRequest,
  type Consent,
  createMemoryAuditStore,
  Enforcer,
  EnforcerError,
  type EnforcerOptions,
  type Grant,
} from "@sigilrt/enforcer";
import { describe, expect, it } from "vitest";

type Append = AuditStore["append"];

function setup(options?: EnforcerOptions) {
  const memory = createMemoryAuditStore({ maxRecords: 10_000 });
  const works: Append = (...args) => memory.append(...args);
  const state: { append: Append } = { append: works };
  const store: AuditStore = { ...memory, append: (...args) => state.append(...args) };
  const enforcer = new Enforcer(store, { now: () => 1000 }, options);
  const last = async () => (await memory.query({}, { limit: 1 })).records[0];
  return { enforcer, memory, state, works, last };
}

const request = (capability: string): CheckRequest => ({
  plugin: "p",
  capability,
  userId: "user-1",
  workspaceId: "ws-1",
  workspaceAllow: ["*"],
  userPermissions: ["*"],
});

const grant = (allow: readonly string[], deny: readonly string[] = [], expiresAt?: number): Grant =>
  expiresAt === undefined ? { allow, deny } : { allow, deny, expiresAt };

describe("registerPlugin", () => {
  it("answers with a review of the grant, frozen", async () => {
    const { enforcer, last } = setup();
    const review = await enforcer.registerPlugin("p", {
      allow: CapabilitySet.from(["a.*", "a.b", "net.connect.api.*"]),
      deny: ["a.x"],
      expiresAt: 5000,
    });
    expect(review).toMatchObject({
      added: ["a.*", "a.b", "net.connect.api.*"],
      removed: [],
      undenied: [],
      conflicts: [{ allow: "a.*", deny: "a.x", witness: "a.x", shadowed: false }],
      redundant: ["a.b"],
      advice: [{ rule: "host-star-not-first" }, { rule: "host-without-port" }],
    });
    expect(Object.isFrozen(review)).toBe(true);
    expect(Object.isFrozen(review.advice)).toBe(true);
    expect(enforcer.generation).toBe(1);
    expect(await last()).toMatchObject({
      action: "grant.registered",
      actor: "system:enforcer",
      plugin: "p",
      result: "ok",
      detail: { allow: 3, deny: 1, expiresAt: 5000 },
    });
  });

  it.each([
    "",
    "P",
    "1p",
    "-p",
    "p-",
    "p--q",
    "p_q",
    "p.q",
    "acme/p",
    "p ",
    "p\n",
    "self",
    "gateway",
    "host",
    "tool",
    "node",
    "__proto__",
    "p".repeat(65),
    7,
    undefined,
  ])("refuses the name %j", async (name) => {
    const { enforcer } = setup();
    // @ts-expect-error: a caller without types may pass anything
    await expect(enforcer.registerPlugin(name, grant(["a"]))).rejects.toMatchObject({
      code: "INVALID_GRANT",
    });
  });

  it.each(["p", "p2", "get-weather", "constructor", "p".repeat(64)])(
    "takes the name %s",
    async (name) => {
      const { enforcer } = setup();
      await expect(enforcer.registerPlugin(name, grant(["a"]))).resolves.toBeDefined();
    },
  );

  it.each([
    ["a malformed allow", { allow: ["mess*"], deny: [] }],
    ["a malformed deny, which would deny nothing", { allow: ["*"], deny: ["exec*"] }],
    ["no deny", { allow: ["*"] }],
    ["no allow", { deny: [] }],
    ["text for a list", { allow: "*", deny: [] }],
    ["an object like a set", { allow: { patterns: ["*"] }, deny: [] }],
    ["no end that is a number", { allow: [], deny: [], expiresAt: Number.NaN }],
    ["text for an end", { allow: [], deny: [], expiresAt: "2030" }],
    ["null", null],
  ])("refuses %s", async (_, wrong) => {
    const { enforcer, memory } = setup();
    // @ts-expect-error: a caller without types may pass anything
    const failure = enforcer.registerPlugin("p", wrong);
    await expect(failure).rejects.toMatchObject({ code: "INVALID_GRANT" });
    expect(enforcer.evaluate(request("a")).reason).toBe("plugin_unknown");
    expect(memory.health().records).toBe(0);
  });

  it("keeps the cause of a refused pattern", async () => {
    const { enforcer } = setup();
    const failure = await enforcer
      .registerPlugin("p", grant(["mess*"]))
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(EnforcerError);
    expect(failure).toHaveProperty("cause", expect.any(CapabilityError));
  });

  it("hands on what a list of patterns throws", async () => {
    const { enforcer } = setup();
    const trap = new Proxy(["a"], {
      get: () => {
        throw new Error("trap");
      },
    });
    await expect(enforcer.registerPlugin("p", grant(trap))).rejects.toMatchObject({
      message: "trap",
    });
    expect(enforcer.evaluate(request("a")).reason).toBe("plugin_unknown");
  });

  it("takes effect only when its record is durable", async () => {
    const { enforcer, state, works } = setup();
    state.append = () => Promise.reject(new Error("disk full"));
    await expect(enforcer.registerPlugin("p", grant(["a"]))).rejects.toMatchObject({
      code: "AUDIT_UNAVAILABLE",
    });
    expect(enforcer.evaluate(request("a")).reason).toBe("plugin_unknown");
    expect(enforcer.generation).toBe(0);
    state.append = works;
    await enforcer.registerPlugin("p", grant(["a"]));
    expect(enforcer.evaluate(request("a")).allowed).toBe(true);
  });

  it("lets the first of two at one time win", async () => {
    const { enforcer } = setup();
    const outcomes = await Promise.allSettled([
      enforcer.registerPlugin("p", grant(["a"])),
      enforcer.registerPlugin("p", grant(["b"])),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(enforcer.evaluate(request("a")).allowed).toBe(true);
    expect(enforcer.evaluate(request("b")).allowed).toBe(false);
  });

  it("holds as many plugins as the limit says, those that wait included", async () => {
    const { enforcer } = setup({ limits: { plugins: 2 } });
    const outcomes = await Promise.allSettled(
      ["p", "q", "r"].map((name) => enforcer.registerPlugin(name, grant(["a"]))),
    );
    expect(outcomes[2]).toMatchObject({ reason: { code: "LIMIT_EXCEEDED" } });
    await expect(enforcer.registerPlugin("s", grant([]))).rejects.toMatchObject({
      code: "LIMIT_EXCEEDED",
    });
    await enforcer.unregisterPlugin("q");
    await expect(enforcer.registerPlugin("s", grant([]))).resolves.toBeDefined();
  });
});

describe("replacePlugin", () => {
  it("refuses an unknown plugin", async () => {
    const { enforcer } = setup();
    await expect(enforcer.replacePlugin("p", grant([]))).rejects.toMatchObject({
      code: "UNKNOWN_PLUGIN",
    });
  });

  it("refuses an invalid grant and keeps the old one", async () => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("p", grant(["a"]));
    await expect(enforcer.replacePlugin("p", grant(["a*"]))).rejects.toMatchObject({
      code: "INVALID_GRANT",
    });
    expect(enforcer.evaluate(request("a")).allowed).toBe(true);
  });

  it("narrows without asking anybody", async () => {
    const { enforcer, last } = setup();
    await enforcer.registerPlugin("p", grant(["a.*", "b"], [], 5000));
    const review = await enforcer.replacePlugin("p", grant(["a.b"], ["a.x"], 4000));
    expect(review).toMatchObject({ added: [], removed: ["a.*", "b"], undenied: [] });
    expect(enforcer.generation).toBe(2);
    expect(enforcer.evaluate(request("b")).allowed).toBe(false);
    expect(await last()).toMatchObject({ action: "grant.replaced", actor: "system:enforcer" });
  });

  it.each([
    ["a wider allow", grant(["a.*"], ["a.x"], 5000), { added: ["a.*"], undenied: [] }],
    ["a lost deny", grant(["a.b"], [], 5000), { added: [], undenied: ["a.x"] }],
    ["a later end", grant(["a.b"], ["a.x"], 5001), { added: [], undenied: [] }],
    ["no end any more", grant(["a.b"], ["a.x"]), { added: [], undenied: [] }],
  ])("needs a consent for %s", async (_, wider, consented) => {
    const { enforcer, last } = setup();
    await enforcer.registerPlugin("p", grant(["a.b"], ["a.x"], 5000));
    const refused = await enforcer.replacePlugin("p", wider).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "CONSENT_REQUIRED", review: consented });
    expect(enforcer.generation).toBe(1);

    const consent = { userId: "admin-1", ...consented };
    await enforcer.replacePlugin("p", wider, { consent });
    expect(enforcer.generation).toBe(2);
    expect(await last()).toMatchObject({ action: "grant.replaced", actor: "admin-1" });
  });

  it.each([
    ["names less", { userId: "admin", added: ["a.*"], undenied: ["a.x"] }],
    ["names more", { userId: "admin", added: ["a.*", "b", "c"], undenied: ["a.x"] }],
    ["names others", { userId: "admin", added: ["a.*", "c"], undenied: ["a.x"] }],
    ["forgets the denials", { userId: "admin", added: ["a.*", "b"], undenied: [] }],
    ["has nobody behind it", { userId: "", added: ["a.*", "b"], undenied: ["a.x"] }],
    ["has no lists", { userId: "admin", added: "a.*,b", undenied: ["a.x"] }],
    [
      "has a set in place of a list",
      { userId: "admin", added: new Set(["a.*", "b"]), undenied: ["a.x"] },
    ],
    ["has a number in place of a list", { userId: "admin", added: 7, undenied: ["a.x"] }],
    ["is no object", true],
  ])("refuses a consent that %s", async (_, consent) => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("p", grant(["a.b"], ["a.x"]));
    // @ts-expect-error: a caller without types may pass anything
    const options: { readonly consent: Consent } = { consent };
    await expect(enforcer.replacePlugin("p", grant(["a.*", "b"]), options)).rejects.toMatchObject({
      code: "CONSENT_REQUIRED",
    });
    expect(enforcer.evaluate(request("b")).allowed).toBe(false);
  });

  it("refuses a consent to what is not asked", async () => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("p", grant(["a.*"]));
    const consent = { userId: "admin", added: ["b"], undenied: [] };
    await expect(enforcer.replacePlugin("p", grant(["a.b"]), { consent })).rejects.toMatchObject({
      code: "CONSENT_REQUIRED",
    });
  });

  it("takes a consent in any order", async () => {
    const { enforcer } = setup();
    await enforcer.registerPlugin("p", grant([]));
    const consent = { userId: "admin", added: ["b", "a"], undenied: [] };
    await enforcer.replacePlugin("p", grant(["a", "b"]), { consent });
    expect(enforcer.evaluate(request("b")).allowed).toBe(true);
  });

  it("takes effect only when its record is durable", async () => {
    const { enforcer, state } = setup();
    await enforcer.registerPlugin("p", grant(["a", "b"]));
    state.append = () => Promise.reject(new Error("disk full"));
    await expect(enforcer.replacePlugin("p", grant(["a"]))).rejects.toMatchObject({
      code: "AUDIT_UNAVAILABLE",
    });
    expect(enforcer.evaluate(request("b")).allowed).toBe(true);
  });

  it("does not bring back a plugin that was unregistered meanwhile", async () => {
    const { enforcer, state, works, last } = setup();
    await enforcer.registerPlugin("p", grant(["a"]));
    state.append = async (...args) => {
      state.append = works;
      await enforcer.unregisterPlugin("p");
      return works(...args);
    };
    await expect(enforcer.replacePlugin("p", grant(["a"]))).rejects.toMatchObject({
      code: "UNKNOWN_PLUGIN",
    });
    expect(enforcer.evaluate(request("a")).reason).toBe("plugin_unknown");
    expect(await last()).toMatchObject({ action: "superseded", reason: "UNKNOWN_PLUGIN" });
  });

  it("does not undo another replacement that was made meanwhile", async () => {
    const { enforcer, state, works, last } = setup();
    await enforcer.registerPlugin("p", grant(["a", "b"]));
    state.append = async (...args) => {
      state.append = works;
      await enforcer.replacePlugin("p", grant(["a"]));
      return works(...args);
    };
    await expect(enforcer.replacePlugin("p", grant(["a", "b"]))).rejects.toMatchObject({
      code: "CONSENT_REQUIRED",
      review: { added: ["b"] },
    });
    expect(enforcer.evaluate(request("b")).allowed).toBe(false);
    expect(await last()).toMatchObject({ action: "superseded", reason: "CONSENT_REQUIRED" });
  });
});

describe("unregisterPlugin", () => {
  it("takes effect at once, before its record, and even without one", async () => {
    const { enforcer, state } = setup();
    await enforcer.registerPlugin("p", grant(["a"]));
    state.append = () => Promise.reject(new Error("disk full"));
    const removal = enforcer.unregisterPlugin("p");
    expect(enforcer.evaluate(request("a")).reason).toBe("plugin_unknown");
    expect(enforcer.generation).toBe(2);
    expect(await removal).toBe(true);
    expect(enforcer.lostDenials).toBe(1);
  });

  it("records the removal", async () => {
    const { enforcer, last } = setup();
    await enforcer.registerPlugin("p", grant(["a"]));
    await enforcer.unregisterPlugin("p");
    expect(await last()).toMatchObject({ action: "grant.removed", plugin: "p" });
  });

  it("answers false for a plugin that is not there, without a record", async () => {
    const { enforcer, memory } = setup();
    expect(await enforcer.unregisterPlugin("p")).toBe(false);
    expect(enforcer.generation).toBe(0);
    expect(memory.health().records).toBe(0);
  });
});

it("lets each of 1,000 concurrent checks see one of the two grants while it is replaced", async () => {
  const { enforcer } = setup();
  await enforcer.registerPlugin("p", grant(["a", "b"], ["c"]));
  const consent = { userId: "admin", added: ["c"], undenied: ["c"] };
  const before = Array.from({ length: 500 }, () =>
    enforcer.checkMany([request("a"), request("c")]),
  );
  const replaced = enforcer.replacePlugin("p", grant(["b", "c"]), { consent });
  const after = Array.from({ length: 500 }, () => enforcer.checkMany([request("a"), request("c")]));
  await replaced;
  const seen = (await Promise.all([...before, ...after])).map(([a, c]) =>
    [a, c].map((decision) => `${decision?.generation} ${decision?.reason}`).join(),
  );
  const possible = new Set([
    "1 allowed,1 plugin_denied",
    "2 plugin_not_allowed,2 allowed",
    // The allow was decided again after the change; the denial stands.
    "2 plugin_not_allowed,1 plugin_denied",
  ]);
  expect(seen.filter((pair) => !possible.has(pair))).toEqual([]);
});
