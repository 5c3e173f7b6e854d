import { type AuditRecord, createMemoryAuditStore } from "@sigilrt/enforcer";
import { describe, expect, it } from "vitest";

const record = (capability: string, more: Partial<AuditRecord> = {}): AuditRecord => ({
  action: "capability_check",
  actor: "user-1",
  capability,
  result: "allowed",
  reason: "allowed",
  ...more,
});

describe("a store in memory", () => {
  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    "refuses to hold %s",
    (maxRecords) => {
      expect(() => createMemoryAuditStore({ maxRecords })).toThrow(RangeError);
    },
  );

  it("gives each record a place and an id that is not its number", async () => {
    const store = createMemoryAuditStore({ maxRecords: 5000 });
    const records = Array.from({ length: 5000 }, (_, number) => record(`n${number}`));
    const receipts = await store.append(records);
    expect(receipts.map(({ seq }) => seq)).toEqual(records.map((_, seq) => seq));
    expect(new Set(receipts.map(({ decisionId }) => decisionId)).size).toBe(5000);
    expect(receipts[0]?.decisionId).toMatch(/^memory-[0-9a-f]{24}$/u);
    expect(Object.isFrozen(receipts[0])).toBe(true);
  });

  it("rejects when it is full, keeps nothing of what it rejected, and says that it is not durable", async () => {
    const store = createMemoryAuditStore({ maxRecords: 2 });
    await store.append([record("a")]);
    await expect(store.append([record("b"), record("c")])).rejects.toMatchObject({
      code: "AUDIT_UNAVAILABLE",
    });
    expect(store.health()).toEqual({ durable: false, records: 1, maxRecords: 2 });
    await store.append([record("d")]);
    expect((await store.query({})).records.map(({ capability }) => capability)).toEqual(["d", "a"]);
  });

  it("appends nothing for a caller that left", async () => {
    const store = createMemoryAuditStore({ maxRecords: 2 });
    await expect(
      store.append([record("a")], { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ name: "AbortError" });
    expect(store.health().records).toBe(0);
  });

  it("keeps of a detail what was there, whatever its names, and refuses what is no data", async () => {
    const store = createMemoryAuditStore({ maxRecords: 3 });
    const detail: Record<string, unknown> = JSON.parse(
      '{"__proto__":{"a":[1,{"b":null}]},"c":"d"}',
    );
    await store.append([{ ...record("a"), detail }]);
    const [stored] = (await store.query({})).records;
    expect(JSON.stringify(stored?.detail)).toBe(JSON.stringify(detail));
    expect(Object.getPrototypeOf(stored?.detail)).toBe(Object.prototype);
    const run = { run: () => "code" };
    await expect(store.append([{ ...record("b"), detail: run }])).rejects.toThrow(/clone/u);
    await store.append([{ ...record("c"), detail: { at: new Date(0) } }]);
    const [dated] = (await store.query({})).records;
    expect(dated?.detail).toEqual({ at: new Date(0) });
  });

  it("keeps records that nobody can change", async () => {
    const store = createMemoryAuditStore({ maxRecords: 2 });
    const mine = { ...record("a"), detail: { count: 1 } };
    await store.append([mine]);
    mine.detail.count = 2;
    const [stored] = (await store.query({})).records;
    expect(stored?.detail).toEqual({ count: 1 });
    expect(Object.isFrozen(stored)).toBe(true);
    expect(Object.isFrozen(stored?.detail)).toBe(true);
  });
});

describe("querying it", () => {
  const store = createMemoryAuditStore({ maxRecords: 10 });
  const filled = store.append([
    record("a.b", { plugin: "p", workspace: "ws-1", trace: "t1" }),
    record("a.c", { plugin: "q", actor: "user-2", result: "denied", reason: "plugin_denied" }),
    { action: "grant.removed", actor: "system:enforcer", plugin: "p", result: "ok", reason: "ok" },
  ]);
  const found = async (filter: Parameters<typeof store.query>[0]): Promise<readonly number[]> => {
    await filled;
    return (await store.query(filter)).records.map(({ seq }) => seq);
  };

  it("answers newest first with the records to which every field applies", async () => {
    expect(await found({})).toEqual([2, 1, 0]);
    expect(await found({ plugin: "p" })).toEqual([2, 0]);
    expect(await found({ plugin: "p", action: "capability_check" })).toEqual([0]);
    expect(await found({ actor: "user-2" })).toEqual([1]);
    expect(await found({ workspace: "ws-1" })).toEqual([0]);
    expect(await found({ result: "denied" })).toEqual([1]);
    expect(await found({ reason: "plugin_denied" })).toEqual([1]);
    expect(await found({ trace: "t1" })).toEqual([0]);
    expect(await found({ seq: 1 })).toEqual([1]);
    expect(await found({ capability: "a.*" })).toEqual([1, 0]);
    expect(await found({ capability: "mess*" })).toEqual([]);
    const [, { decisionId: decision } = { decisionId: "" }] = await filled;
    expect(await found({ decision })).toEqual([1]);
  });

  it("gives only decisions a decision id", async () => {
    await filled;
    const { records } = await store.query({});
    expect(records.map((stored) => "decision" in stored)).toEqual([false, true, true]);
  });

  it("goes on from a cursor, also after appends", async () => {
    const growing = createMemoryAuditStore({ maxRecords: 10 });
    await growing.append(["a", "b", "c"].map((capability) => record(capability)));
    const first = await growing.query({}, { limit: 2 });
    await growing.append([record("d")]);
    expect(first.records.map(({ seq }) => seq)).toEqual([2, 1]);
    const cursor = first.cursor ?? "";
    const second = await growing.query({}, { cursor, limit: 2 });
    expect(second.records.map(({ seq }) => seq)).toEqual([0]);
    expect(second.cursor).toBeUndefined();
  });

  it("gives 100 records when it is not told how many, 1,000 at most, and no cursor on the last page", async () => {
    const large = createMemoryAuditStore({ maxRecords: 1001 });
    await large.append(Array.from({ length: 1000 }, () => record("a")));
    expect((await large.query({})).records).toHaveLength(100);
    const whole = await large.query({}, { limit: 1000 });
    expect(whole.records).toHaveLength(1000);
    expect(whole).not.toHaveProperty("cursor");
    await large.append([record("a")]);
    expect(await large.query({}, { limit: 1000 })).toMatchObject({ cursor: "1" });
  });

  it.each([{ limit: 0 }, { limit: 1001 }, { limit: 1.5 }, { cursor: "x" }])(
    "refuses the page %j",
    async (page) => {
      await expect(store.query({}, page)).rejects.toThrow(RangeError);
    },
  );

  it("refuses to be asked about times, which it does not keep", async () => {
    await filled;
    await expect(store.query({ from: "2026-01-01T00:00:00Z" })).rejects.toThrow(RangeError);
    await expect(store.query({ to: "2026-01-01T00:00:00Z" })).rejects.toThrow(RangeError);
  });
});
