import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Operation, OperationHandler } from "@sigilrt/mission";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { handlerOf, Workbench, write } from "./fixtures/workbench.ts";

let bench: Workbench;
beforeEach(() => {
  bench = new Workbench();
});
afterEach(() => {
  bench[Symbol.dispose]();
});

const put = (text: string): void => writeFileSync(join(bench.root, "out/a"), text);

/**
 * Leaves a mission as a crash would at a point of its only operation: the journal as it is then is put back after the mission has ended
 * in order.
 */
async function crashed(handler: OperationHandler, given: Partial<Operation> = {}): Promise<void> {
  const type = "tool.files.crash";
  let journal = Buffer.alloc(0);
  let notes = 0;
  bench.handlers.set(type, {
    external: handler.external,
    run: async (operation, context) => {
      const answer = await handler.run(operation, context);
      journal = readFileSync(bench.path);
      notes = bench.notes.length;
      return answer;
    },
  });
  const mission = await bench.open();
  await mission.step({ stepId: "1", name: "one", inputs: {} });
  await mission.run("1", write({ type, ...given }));
  await mission.close();
  writeFileSync(bench.path, journal);
  writeFileSync(`${bench.path}.checkpoints`, "");
  bench.notes.length = notes;
}
const done = Promise.resolve({ status: "ok", result: {} } as const);

describe("resumeMission", () => {
  it("runs an operation again that had not begun to change anything", async () => {
    put("old");
    await crashed(handlerOf(() => done));
    await using mission = await bench.resume();
    expect(mission.ended).toBeUndefined();
    expect(mission.steps()).toMatchObject([{ stepId: "1", status: "running" }]);
    const { records } = await bench.records();
    expect(records.at(-1)).toMatchObject({
      type: "operation.completed",
      body: { status: "aborted", compensation_status: "not_needed" },
    });
    expect(await mission.run("1", write({ type: "tool.files.crash" }))).toMatchObject({
      status: "ok",
    });
  });

  it("undoes an operation that was interrupted, and lets it run again", async () => {
    put("old");
    await crashed(
      handlerOf(() => {
        put("half");
        return done;
      }),
    );
    expect(bench.read()).toBe("half");
    await using mission = await bench.resume();
    expect(bench.read()).toBe("old");
    await mission.run("1", write({ type: "tool.files.crash" }));
    expect(bench.read()).toBe("half");
  });

  it.each([
    ["changed nothing that shows", handlerOf(() => done, true)],
    [
      "changed a file",
      handlerOf(() => {
        put("half");
        return done;
      }, true),
    ],
  ])("calls the operator for an external operation that %s", async (_, handler) => {
    put("old");
    await crashed(handler);
    await using mission = await bench.resume();
    expect(mission.ended).toBe("needs_operator");
    expect(bench.read()).toBe("old");
  });

  it("calls the operator when what was changed cannot be put back", async () => {
    put("old");
    await crashed(
      handlerOf(() => {
        put("half");
        return done;
      }),
      { compensation: { type: "none", reason: "no way back" } },
    );
    await using mission = await bench.resume();
    expect(mission.ended).toBe("needs_operator");
    expect(bench.read()).toBe("half");
  });

  it("books money that was held at its estimate: the call may have been paid", async () => {
    await crashed(
      handlerOf(() => done),
      { estimateUsd: "0.7" },
    );
    await using mission = await bench.resume();
    expect(mission.budget()).toMatchObject({ spent: 700_000n, held: 0n });
    const again = await mission.run("1", write({ type: "tool.files.crash", estimateUsd: "0.7" }));
    expect(again).toMatchObject({ denial: "budget_exceeded" });
  });

  it("does not do again what is done", async () => {
    const mission = await bench.open();
    await mission.step({ stepId: "1", name: "one", inputs: {} });
    const receipt = await mission.run("1", write());
    await mission.close();
    put("changed since");
    await using resumed = await bench.resume();
    expect(await resumed.run("1", write())).toEqual(receipt);
    expect(bench.read()).toBe("changed since");
    await expect(resumed.step({ stepId: "1", name: "one", inputs: {} })).rejects.toMatchObject({
      code: "DUPLICATE_STEP",
    });
  });

  it("keeps what was spent", async () => {
    bench.handlers.set(
      "tool.files.pay",
      handlerOf(() => Promise.resolve({ status: "ok", result: {}, cost: 600_000n })),
    );
    const mission = await bench.open();
    await mission.step({ stepId: "1", name: "one", inputs: {} });
    await mission.run("1", write({ type: "tool.files.pay", estimateUsd: "0.6" }));
    await mission.close();
    await using resumed = await bench.resume();
    expect(resumed.budget()).toMatchObject({ spent: 600_000n, held: 0n });
  });

  it.each([
    ["was more than its estimate", 600_001n, 600_001n],
    ["was none", -1n, 600_000n],
  ])("keeps that nothing is reserved after a price that %s", async (_, cost, spent) => {
    bench.handlers.set(
      "tool.files.pay",
      handlerOf(() => Promise.resolve({ status: "ok", result: {}, cost })),
    );
    const mission = await bench.open();
    await mission.step({ stepId: "1", name: "one", inputs: {} });
    const pay = write({ type: "tool.files.pay", estimateUsd: "0.6" });
    expect(await mission.run("1", pay)).toMatchObject({ status: "ok", cost: spent });
    await mission.close();
    await using resumed = await bench.resume();
    expect(resumed.budget()).toMatchObject({ spent, stopped: true });
  });

  it("starts a mission whose first record was never whole", async () => {
    writeFileSync(bench.path, '{"at":"2026');
    await using mission = await bench.resume();
    expect((await bench.types()).toSorted()).toEqual([
      "journal.recovered",
      "mission.opened",
      "mission.resumed",
    ]);
    expect(mission.steps()).toEqual([]);
    expect(existsSync(`${bench.path}.torn`)).toBe(true);
  });
});
