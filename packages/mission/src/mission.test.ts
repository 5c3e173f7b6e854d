import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { JournalError } from "@sigilrt/journal";
import { foldSteps, type Mission, MissionError, runIdOf } from "@sigilrt/mission";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { handlerOf, Workbench, write } from "./fixtures/workbench.ts";

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => {
  bench[Symbol.dispose]();
});

const step = (stepId: string) => ({ stepId, name: `step ${stepId}`, inputs: { n: 1 } });
const ok = { status: "ok", outputs: { done: true } } as const;
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "resolved",
    (error: unknown) => (error instanceof MissionError ? error.code : error),
  );
const withStep = async (mission: Mission): Promise<Mission> => {
  await mission.step(step("1"));
  return mission;
};

describe("a mission's journal", () => {
  it("verifies after record, complete, record", async () => {
    await using mission = await bench.open();
    await mission.step(step("1"));
    // The original completed a step by rewriting its record: every hash after it was wrong.
    await mission.complete("1", ok);
    await mission.step(step("2"));
    const { verdict, records } = await bench.records();
    expect(verdict).toMatchObject({ ok: true, records: 4 });
    expect(records.map(({ type }) => type)).toEqual([
      "mission.opened",
      "step.started",
      "step.completed",
      "step.started",
    ]);
  });

  it("reports truncation against a checkpoint", async () => {
    const mission = await withStep(await bench.open());
    await mission.complete("1", ok);
    await mission.close();
    // The tail goes, and with it the checkpoints beside it; the one elsewhere stays.
    const lines = readFileSync(bench.path, "utf8").split("\n");
    truncateSync(bench.path, (lines[0]?.length ?? 0) + 1);
    writeFileSync(`${bench.path}.checkpoints`, "");
    expect(await bench.records()).toMatchObject({ verdict: { ok: false, kind: "truncated" } });
    const error: unknown = await bench.resume().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "IO", cause: { code: "TRUNCATED" } });
    expect(error).toHaveProperty("cause", expect.any(JournalError));
  });

  it("shows steps as a view of their two records", async () => {
    await using mission = await withStep(await bench.open());
    await mission.complete("1", ok);
    const { records } = await bench.records();
    const [opened, started, completed] = records;
    expect(foldSteps(records)).toEqual([
      {
        stepId: "1",
        name: "step 1",
        status: "ok",
        startedAt: started?.at,
        completedAt: completed?.at,
        inputs: { n: 1 },
        outputs: { done: true },
        prevHash: opened?.entry_hash,
        entryHash: completed?.entry_hash,
      },
    ]);
    expect(mission.steps()).toEqual(foldSteps(records));
    expect(foldSteps(records.slice(0, 2))).toMatchObject([
      { status: "running", entryHash: started?.entry_hash },
    ]);
  });

  it("refuses a second start, and a completion without or after one, and appends nothing", async () => {
    await using mission = await withStep(await bench.open());
    expect(await codeOf(mission.step(step("1")))).toBe("DUPLICATE_STEP");
    expect(await codeOf(mission.complete("2", ok))).toBe("STEP_NOT_STARTED");
    expect(await codeOf(mission.run("2", write()))).toBe("STEP_NOT_STARTED");
    await mission.complete("1", ok);
    expect(await codeOf(mission.complete("1", ok))).toBe("STEP_COMPLETED");
    expect(await codeOf(mission.run("1", write()))).toBe("STEP_COMPLETED");
    expect(await codeOf(mission.step(step("1")))).toBe("DUPLICATE_STEP");
    const twice = await Promise.all([1, 2].map(() => codeOf(mission.step(step("3")))));
    expect(new Set(twice)).toEqual(new Set(["DUPLICATE_STEP", "resolved"]));
    expect(await bench.types()).toHaveLength(4);
  });

  it("holds the digest of large content instead of it", async () => {
    await using mission = await bench.open();
    await mission.step({ ...step("1"), inputs: { text: "x".repeat(2_000_000) } });
    const { records } = await bench.records();
    expect(records[1]?.body["inputs"]).toEqual({
      bytes: 2_000_011,
      digest: expect.stringMatching(/^sha256:/u),
    });
  });

  it("is sealed when the mission is finished, and nothing follows", async () => {
    const mission = await bench.open();
    await mission.finish("ok");
    expect(await codeOf(mission.step(step("1")))).toBe("CLOSED");
    await mission.close();
    await mission.close();
    expect((await bench.records()).verdict).toMatchObject({ ok: true, sealed: true });
    await using again = await bench.resume();
    expect(again.ended).toBe("ok");
    expect(await codeOf(again.step(step("1")))).toBe("CLOSED");
  });

  it("is opened once; what is in it is resumed", async () => {
    await (await bench.open()).close();
    expect(await codeOf(bench.open())).toBe("IO");
    await (await bench.resume()).close();
  });

  it("keeps a second process away", async () => {
    await using mission = await bench.open();
    const error: unknown = await bench.resume().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "IO", cause: { code: "JOURNAL_LOCKED" } });
    expect(mission.ended).toBeUndefined();
  });

  it("refuses a run id that is not that of its parts", async () => {
    bench.given = { inputsDigest: "another" };
    await expect(bench.open()).rejects.toThrow(TypeError);
  });

  it("names the same work alike, and other work otherwise", () => {
    const parts = { baselineCommit: "c", envelopeDigest: "e", inputsDigest: "i", lockDigest: "l" };
    expect(runIdOf(parts)).toBe(runIdOf({ ...parts }));
    for (const name of Object.keys(parts)) {
      expect(runIdOf({ ...parts, [name]: "other" })).not.toBe(runIdOf(parts));
    }
    expect(() => runIdOf({ ...parts, lockDigest: "" })).toThrow(TypeError);
  });

  it("does nothing whose record cannot be written", async () => {
    let effects = 0;
    bench.handlers.set(
      "tool.files.count",
      handlerOf(() => {
        effects += 1;
        return Promise.resolve({ status: "ok", result: {} });
      }),
    );
    await using mission = await withStep(await bench.open());
    const held = write({ type: "tool.files.count", operationId: "x".repeat(1_100_000) });
    expect(await codeOf(mission.run("1", held))).toBe("IO");
    expect(effects).toBe(0);
    expect(mission.budget()).toMatchObject({ held: 0n, spent: 0n });
    expect(await bench.types()).toHaveLength(2);
  });
});
