import {
  type AuditReceipt,
  type AuditRecord,
  type AuditStore,
  type CheckRequest,
  createMemoryAuditStore,
  Enforcer,
  type EnforcerOptions,
} from "@sigilrt/enforcer";
import { describe, expect, it } from "vitest";

type Append = AuditStore["append"];

const receiptsOf = (records: readonly AuditRecord[]): readonly AuditReceipt[] =>
  records.map((_, seq) => ({ log: "test", seq, decisionId: `test-${seq}` }));

const works: Append = async (records) => receiptsOf(records);

/** A store whose next appends a test decides about, and a deadline that a test lets pass. */
async function setup(options: EnforcerOptions = {}) {
  const appended: AuditRecord[][] = [];
  const signals: (AbortSignal | undefined)[] = [];
  const state: { append: Append } = { append: works };
  const deadlines: AbortController[] = [];
  const store: AuditStore = {
    append(records, given) {
      appended.push([...records]);
      signals.push(given?.signal);
      return state.append(records, given);
    },
    query: async () => ({ records: [] }),
  };
  const deadline = (): AbortSignal => {
    const controller = new AbortController();
    deadlines.push(controller);
    return controller.signal;
  };
  const time = { now: (): number => 1000 };
  const enforcer = new Enforcer(store, { now: () => time.now() }, { deadline, ...options });
  await enforcer.registerPlugin("p", { allow: ["a", "b"], deny: [] });
  appended.length = 0;
  signals.length = 0;
  const pass = (): void => deadlines.forEach((controller) => controller.abort());
  return { enforcer, appended, signals, state, time, pass };
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

const never = (): Promise<never> => new Promise(() => undefined);
/** Lets everything happen that waits for no outer event. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a store that rejects, hangs or resolves late never yields an allow", () => {
  it.each<[string, Append]>([
    ["rejects", () => Promise.reject(new Error("disk full"))],
    [
      "throws",
      () => {
        throw new Error("no store");
      },
    ],
    // @ts-expect-error: a store without types may answer anything
    ["answers nothing", async () => undefined],
    // @ts-expect-error: a store without types may answer anything
    ["answers before it is done", () => undefined],
    ["answers too few receipts", async () => []],
    ["answers too many receipts", async (records) => receiptsOf([...records, ...records])],
    // @ts-expect-error: a store without types may answer anything
    ["answers a receipt without a place", async () => [{ log: "test", decisionId: "d" }]],
    // @ts-expect-error: a store without types may answer anything
    ["answers a receipt without an id", async () => [{ log: "test", seq: 1 }]],
    // @ts-expect-error: a store without types may answer anything
    ["answers a receipt without a log", async () => [{ seq: 1, decisionId: "d" }]],
    // @ts-expect-error: a store without types may answer anything
    ["answers true", async () => [true]],
    // @ts-expect-error: a store without types may answer anything
    ["answers what looks like a list", async () => ({ length: 1, every: () => true })],
  ])("that %s", async (_, append) => {
    const { enforcer, state } = await setup();
    state.append = append;
    const allow = await enforcer.check(request("a"));
    expect(allow).toMatchObject({ allowed: false, reason: "audit_unavailable" });
    expect(allow).not.toHaveProperty("receipt");
    expect(enforcer.lostDenials).toBe(0);
    const denial = await enforcer.check(request("c"));
    expect(denial).toMatchObject({ allowed: false, reason: "plugin_not_allowed" });
    expect(denial).not.toHaveProperty("receipt");
    expect(enforcer.lostDenials).toBe(1);
    const handle = enforcer.bind(request("a"));
    expect((await handle.check("a")).reason).toBe("audit_unavailable");
    await expect(enforcer.enforce(request("a"))).rejects.toMatchObject({ code: "DENIED" });
    expect(
      (await enforcer.checkMany([request("a"), request("b")])).map(({ allowed }) => allowed),
    ).toEqual([false, false]);
  });

  it("that hangs, once the deadline has passed, and tells the store to let go", async () => {
    const { enforcer, state, signals, pass } = await setup();
    state.append = never;
    const allow = enforcer.check(request("a"));
    const denial = enforcer.check(request("c"));
    await settled();
    expect(signals.map((signal) => signal?.aborted)).toEqual([false, false]);
    pass();
    expect((await allow).reason).toBe("audit_unavailable");
    expect((await denial).reason).toBe("plugin_not_allowed");
    expect(signals.map((signal) => signal?.aborted)).toEqual([true, true]);
    expect(enforcer.lostDenials).toBe(1);
  });

  it("that hangs, without a deadline of the caller's", async () => {
    const memory = createMemoryAuditStore({ maxRecords: 10 });
    const enforcer = new Enforcer({ ...memory, append: never }, Date, { auditTimeoutMs: 1 });
    expect((await enforcer.check(request("a"))).allowed).toBe(false);
    await expect(enforcer.registerPlugin("p", { allow: [], deny: [] })).rejects.toMatchObject({
      code: "AUDIT_UNAVAILABLE",
    });
  });

  it("that hangs and then fails, and counts what was lost once", async () => {
    const { enforcer, state, pass } = await setup();
    const late = Promise.withResolvers<never>();
    state.append = () => late.promise;
    const denial = enforcer.check(request("c"));
    pass();
    await denial;
    late.reject(new Error("disk full"));
    await settled();
    expect(enforcer.lostDenials).toBe(1);
  });

  it("that resolves late, and says in the log that the allow was not used", async () => {
    const { enforcer, state, appended, pass } = await setup();
    const late = Promise.withResolvers<void>();
    state.append = (records) => late.promise.then(() => receiptsOf(records));
    const check = enforcer.check(request("a"));
    pass();
    expect((await check).reason).toBe("audit_unavailable");
    late.resolve();
    await settled();
    expect(appended.flat()).toMatchObject([
      { action: "capability_check", result: "allowed" },
      {
        action: "superseded",
        actor: "user-1",
        plugin: "p",
        capability: "a",
        result: "denied",
        reason: "audit_unavailable",
        refers: { log: "test", seq: 0 },
      },
    ]);
  });

  it("that stores a registration late, and says in the log that nothing came of it", async () => {
    const { enforcer, state, appended, pass } = await setup();
    const late = Promise.withResolvers<void>();
    state.append = (records) => late.promise.then(() => receiptsOf(records));
    const registration = enforcer.registerPlugin("q", { allow: ["a"], deny: [] });
    pass();
    await expect(registration).rejects.toMatchObject({ code: "AUDIT_UNAVAILABLE" });
    late.resolve();
    await settled();
    expect(enforcer.evaluate(request("a", { plugin: "q" })).reason).toBe("plugin_unknown");
    expect(appended.flat()).toMatchObject([
      { action: "grant.registered", plugin: "q" },
      { action: "superseded", plugin: "q", result: "failed", refers: { log: "test", seq: 0 } },
    ]);
  });

  it("and does not tell the store to let go of what it has kept", async () => {
    const { enforcer, signals, pass } = await setup();
    expect((await enforcer.check(request("a"))).allowed).toBe(true);
    pass();
    expect(signals.map((signal) => signal?.aborted)).toEqual([false]);
  });

  it("that resolves late to a denial asks for no record of nothing", async () => {
    const { enforcer, state, appended, pass } = await setup();
    const late = Promise.withResolvers<void>();
    state.append = (records) => late.promise.then(() => receiptsOf(records));
    const check = enforcer.check(request("c"));
    await settled();
    pass();
    await check;
    late.resolve();
    await settled();
    expect(appended).toHaveLength(1);
  });

  it("that loses the record of an allow that was not used counts it", async () => {
    const { enforcer, state, pass } = await setup();
    const late = Promise.withResolvers<void>();
    state.append = (records) => late.promise.then(() => receiptsOf(records));
    const check = enforcer.check(request("a"));
    await settled();
    pass();
    expect((await check).reason).toBe("audit_unavailable");
    expect(enforcer.lostDenials).toBe(0);
    state.append = () => Promise.reject(new Error("disk full"));
    late.resolve();
    await settled();
    expect(enforcer.lostDenials).toBe(1);
  });

  it("and recovers with the store", async () => {
    const { enforcer, state } = await setup();
    state.append = () => Promise.reject(new Error("disk full"));
    expect((await enforcer.check(request("a"))).allowed).toBe(false);
    state.append = works;
    expect((await enforcer.check(request("a"))).allowed).toBe(true);
  });

  it("denies when the deadline itself fails, and counts what has no record", async () => {
    const { enforcer } = await setup();
    const broken = new Enforcer(createMemoryAuditStore({ maxRecords: 10 }), Date, {
      deadline: () => {
        throw new Error("no timers");
      },
    });
    expect((await broken.check(request("a"))).reason).toBe("internal_error");
    expect(broken.lostDenials).toBe(1);
    // @ts-expect-error: a caller without types may pass anything
    expect((await enforcer.check(request("a"), { signal: 7 })).reason).toBe("internal_error");
    expect(enforcer.lostDenials).toBe(1);
  });

  it("revokes and unregisters even when the deadline fails, and counts what has no record", async () => {
    const signals = [new AbortController().signal];
    const deadline = (): AbortSignal => {
      const signal = signals.shift();
      if (signal) return signal;
      throw new Error("no timers");
    };
    const { enforcer } = await setup({ deadline });
    const handle = enforcer.bind(request("a"));
    handle.revoke();
    expect((await handle.check("a")).allowed).toBe(false);
    expect(await enforcer.unregisterPlugin("p")).toBe(true);
    expect(enforcer.evaluate(request("a")).reason).toBe("plugin_unknown");
    expect(enforcer.lostDenials).toBe(3);
  });

  it("revokes and unregisters even when the store fails, and counts what has no record", async () => {
    const { enforcer, state } = await setup();
    const handle = enforcer.bind(request("a"));
    state.append = () => Promise.reject(new Error("disk full"));
    handle.revoke();
    await settled();
    expect(enforcer.lostDenials).toBe(1);
    expect(await enforcer.unregisterPlugin("p")).toBe(true);
    expect(enforcer.lostDenials).toBe(2);
  });

  it("denies, and asks no store, when the deadline is over before it begins", async () => {
    const signals = [new AbortController().signal, AbortSignal.abort()];
    const deadline = (): AbortSignal => signals.shift() ?? AbortSignal.abort();
    const { enforcer, appended } = await setup({ deadline });
    expect((await enforcer.check(request("a"))).reason).toBe("audit_unavailable");
    expect((await enforcer.check(request("c"))).reason).toBe("plugin_not_allowed");
    expect(appended).toEqual([]);
    expect(enforcer.lostDenials).toBe(1);
  });
});

describe("a caller that leaves", () => {
  it("is denied what it did not wait for, and the store may take the record back", async () => {
    const { enforcer, state, signals } = await setup();
    state.append = never;
    const controller = new AbortController();
    const check = enforcer.check(request("a"), { signal: controller.signal });
    await settled();
    controller.abort();
    expect((await check).reason).toBe("audit_unavailable");
    expect(signals[0]?.aborted).toBe(true);
  });

  it("is denied at once when it left before it asked, without a record of an allow", async () => {
    const { enforcer, appended } = await setup();
    const check = await enforcer.check(request("a"), { signal: AbortSignal.abort() });
    expect(check.reason).toBe("audit_unavailable");
    expect(appended).toEqual([]);
  });

  it("cannot take the record of a denial with it", async () => {
    const { enforcer, appended, signals } = await setup();
    const check = await enforcer.check(request("c"), { signal: AbortSignal.abort() });
    expect(check.reason).toBe("plugin_not_allowed");
    expect(appended.flat()).toMatchObject([{ result: "denied" }]);
    expect(signals[0]?.aborted).toBe(false);
    await settled();
    expect(enforcer.lostDenials).toBe(0);
  });

  it("leaves a record of an allow behind that is superseded when the store could not take it back", async () => {
    const { enforcer, state, appended } = await setup();
    const late = Promise.withResolvers<void>();
    state.append = (records) => late.promise.then(() => receiptsOf(records));
    const controller = new AbortController();
    const many = enforcer.checkMany([request("c"), request("a")], { signal: controller.signal });
    controller.abort();
    expect((await many).map(({ reason }) => reason)).toEqual([
      "plugin_not_allowed",
      "audit_unavailable",
    ]);
    late.resolve();
    await settled();
    expect(appended[1]).toMatchObject([{ action: "superseded", refers: { seq: 1 } }]);
  });

  it("leaves nothing behind on its signal", async () => {
    const { enforcer } = await setup();
    const { signal } = new AbortController();
    const heard = { added: 0, removed: 0 };
    const added = signal.addEventListener.bind(signal);
    const removed = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof added>) => {
      heard.added += 1;
      added(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof removed>) => {
      heard.removed += 1;
      removed(...args);
    };
    await enforcer.check(request("a"), { signal });
    expect(heard).toEqual({ added: 1, removed: 1 });
  });

  it("counts a denial as lost when its record fails after the caller left", async () => {
    const { enforcer, state } = await setup();
    const late = Promise.withResolvers<never>();
    state.append = () => late.promise;
    await enforcer.check(request("c"), { signal: AbortSignal.abort() });
    expect(enforcer.lostDenials).toBe(0);
    late.reject(new Error("disk full"));
    await settled();
    expect(enforcer.lostDenials).toBe(1);
  });
});

describe("a grant that changes while the record is written", () => {
  it("is decided again: a right that went is denied, and the log says so", async () => {
    const { enforcer, state, appended } = await setup();
    state.append = async (records) => {
      state.append = works;
      await enforcer.unregisterPlugin("p");
      return receiptsOf(records);
    };
    const decision = await enforcer.check(request("a"));
    expect(decision).toMatchObject({ allowed: false, reason: "plugin_unknown", generation: 2 });
    expect(appended.flat()).toMatchObject([
      { action: "capability_check", result: "allowed", generation: 1 },
      { action: "grant.removed" },
      { action: "capability_check", result: "denied", reason: "plugin_unknown" },
      { action: "superseded", reason: "plugin_unknown", refers: { log: "test", seq: 0 } },
    ]);
  });

  it("is decided again: a right that stayed is allowed under the new grant", async () => {
    const { enforcer, state } = await setup();
    state.append = async (records) => {
      state.append = works;
      await enforcer.replacePlugin("p", { allow: ["a"], deny: [] });
      return receiptsOf(records);
    };
    expect(await enforcer.check(request("a"))).toMatchObject({ allowed: true, generation: 2 });
  });

  it("is decided again at most twice, then denied", async () => {
    const { enforcer, state, appended } = await setup();
    const churn: Append = async (records) => {
      state.append = works;
      await enforcer.replacePlugin("p", { allow: ["a", "b"], deny: [] });
      state.append = churn;
      return receiptsOf(records);
    };
    state.append = churn;
    expect(await enforcer.check(request("a"))).toMatchObject({
      allowed: false,
      reason: "internal_error",
    });
    const checks = appended.flat().filter(({ action }) => action === "capability_check");
    expect(checks.map(({ reason }) => reason)).toEqual([
      "allowed",
      "allowed",
      "allowed",
      "internal_error",
    ]);
    const superseded = appended.flat().filter(({ action }) => action === "superseded");
    expect(superseded).toHaveLength(3);
  });

  it("is denied when its handle, or a parent of it, is revoked meanwhile", async () => {
    const { enforcer, state } = await setup();
    const parent = enforcer.bind(request("a"));
    const child = parent.attenuate(["a"]);
    state.append = async (records) => {
      parent.revoke();
      return receiptsOf(records);
    };
    expect((await child.check("a")).reason).toBe("handle_revoked");
  });

  it("is denied when it ends meanwhile", async () => {
    const { enforcer, state, time } = await setup();
    await enforcer.registerPlugin("q", { allow: ["a"], deny: [], expiresAt: 2000 });
    state.append = async (records) => {
      time.now = () => 2000;
      return receiptsOf(records);
    };
    expect((await enforcer.check(request("a", { plugin: "q" }))).reason).toBe("grant_expired");
  });

  it("leaves a denial as it is", async () => {
    const { enforcer, state, appended } = await setup();
    state.append = async (records) => {
      state.append = works;
      await enforcer.registerPlugin("q", { allow: ["*"], deny: [] });
      return receiptsOf(records);
    };
    expect((await enforcer.check(request("a", { plugin: "q" }))).reason).toBe("plugin_unknown");
    expect(appended.flat().map(({ action }) => action)).toEqual([
      "capability_check",
      "grant.registered",
    ]);
  });
});

describe("a clock that fails", () => {
  it.each([
    [
      "throws",
      (): number => {
        throw new Error("no time");
      },
    ],
    ["answers no number", (): number => Number.NaN],
    // @ts-expect-error: a clock without types may answer anything
    ["answers text", (): number => "1000"],
  ])("that %s denies and is recorded", async (_, now) => {
    const { enforcer, time, appended } = await setup();
    const handle = enforcer.bind(request("a"));
    await handle.check("a");
    time.now = now;
    expect((await enforcer.check(request("a"))).reason).toBe("internal_error");
    expect((await handle.check("a")).reason).toBe("internal_error");
    expect(appended.at(-1)).toMatchObject([{ reason: "internal_error", result: "denied" }]);
  });

  it("that fails only after the record was written denies as well", async () => {
    const { enforcer, time, state } = await setup();
    state.append = async (records) => {
      time.now = () => Number.NaN;
      return receiptsOf(records);
    };
    expect((await enforcer.check(request("a"))).reason).toBe("internal_error");
  });
});

it("denies when the digest throws or answers no text", async () => {
  const throwing = await setup({
    digest: () => {
      throw new Error("no digest");
    },
  });
  expect((await throwing.enforcer.check(request("a"))).reason).toBe("internal_error");
  // @ts-expect-error: a digest without types may answer anything
  const empty = await setup({ digest: () => undefined });
  expect((await empty.enforcer.check(request("a"))).reason).toBe("internal_error");
});
