import { type AuditRecord, type AuditStore, createMemoryAuditStore } from "@sigilrt/enforcer";
import { beforeEach, describe, expect, it } from "vitest";
import { createDecisionFeed, type DecisionFeed } from "./decision-feed.ts";

let feed: DecisionFeed;
let store: AuditStore;
let isBroken: boolean;

beforeEach(() => {
  feed = createDecisionFeed({ now: () => 0 });
  isBroken = false;
  const memory = createMemoryAuditStore({ maxRecords: 10_000 });
  store = feed.watch({
    append: (records, options) =>
      isBroken ? Promise.reject(new Error("disk full")) : memory.append(records, options),
    query: (filter, page) => memory.query(filter, page),
  });
});

const decided = (capability: string): AuditRecord => ({
  action: "capability_check",
  actor: "ada",
  plugin: "notes",
  capability,
  result: "allowed",
  reason: "allowed",
});

/** Reads as many as are wanted, then leaves. */
async function take(from: number, count: number): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { number, dropped, decision } of feed.read(from, new AbortController().signal)) {
    found.push(`${number}${dropped > 0 ? ` after ${dropped}` : ""} ${decision.capability}`);
    if (found.length === count) break;
  }
  return found;
}

describe("the feed of decisions", () => {
  it("tells decisions that are on record, with the id that explains them", async () => {
    const [receipt] = await store.append([decided("a")]);
    for await (const { decision } of feed.read(0, new AbortController().signal)) {
      expect(decision).toMatchObject({ decision: receipt?.decisionId, capability: "a" });
      break;
    }
  });

  it("tells no decision that could not be recorded, and nothing that is none", async () => {
    isBroken = true;
    await expect(store.append([decided("lost")])).rejects.toThrow("disk full");
    isBroken = false;
    await store.append([{ ...decided("end"), action: "call.completed", result: "ok" }]);
    await store.append([decided("b")]);
    expect(await take(0, 1)).toEqual(["0 b"]);
  });

  it("waits for what comes", async () => {
    const coming = take(0, 2);
    await store.append([decided("a")]);
    await store.append([decided("b")]);
    expect(await coming).toEqual(["0 a", "1 b"]);
  });

  it("goes on where a reader was, and counts what it lost", async () => {
    await store.append(Array.from({ length: 1_500 }, (_, index) => decided(`c${index}`)));
    expect(await take(1_400, 1)).toEqual(["1400 c1400"]);
    expect(await take(10, 2)).toEqual(["476 after 466 c476", "477 c477"]);
    expect([feed.latest(200), feed.latest(0), feed.latest(9_999)]).toEqual([1_300, 1_500, 476]);
  });

  it("lets a reader go who leaves while nothing comes", async () => {
    const over = new AbortController();
    const reading = (async () => {
      for await (const { number } of feed.read(0, over.signal)) expect(number).toBeUndefined();
      return "left";
    })();
    over.abort();
    expect(await reading).toBe("left");
  });

  it("keeps the beginning of a text that goes on and on", async () => {
    await store.append([decided("a".repeat(4_000))]);
    for await (const { decision } of feed.read(0, new AbortController().signal)) {
      expect(decision.capability).toHaveLength(513);
      break;
    }
  });
});
