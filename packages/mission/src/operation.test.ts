import { existsSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Mission,
  modelCall,
  type Operation,
  type OperationReceipt,
  runSteps,
} from "@sigilrt/mission";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { handlerOf, Workbench, write } from "./fixtures/workbench.ts";

let bench: Workbench;
let mission: Mission;
beforeEach(async () => {
  bench = new Workbench();
  await start();
});
afterEach(async () => {
  await mission.close();
  bench[Symbol.dispose]();
});

/** Opens the bench's mission, with one step that runs. */
async function start(): Promise<void> {
  mission = await bench.open();
  await mission.step({ stepId: "1", name: "one", inputs: {} });
}

const run = (given: Partial<Operation> = {}): Promise<OperationReceipt> =>
  mission.run("1", write(given));
const put = (text: string, path = "out/a"): void => writeFileSync(join(bench.root, path), text);
const failing = (): Promise<never> => Promise.reject(new Error("no"));

describe("an operation", () => {
  it("leaves a receipt", async () => {
    const receipt = await run();
    expect(receipt).toMatchObject({ status: "ok", compensationStatus: "not_needed", cost: 0n });
    expect(receipt.preStateHash).not.toBe(receipt.postStateHash);
    expect(bench.read()).toBe("new");
    expect(await bench.types()).toEqual([
      "mission.opened",
      "step.started",
      "budget.reserved",
      "operation.started",
      "budget.settled",
      "operation.completed",
    ]);
  });

  it("is done once, however often it is asked for", async () => {
    let effects = 0;
    bench.handlers.set(
      "tool.files.count",
      handlerOf(() => Promise.resolve({ status: "ok", result: { n: (effects += 1) } })),
    );
    const count = { type: "tool.files.count" } as const;
    const [first, second] = await Promise.all([run(count), run(count)]);
    expect(first).toBe(second);
    expect(await run(count)).toEqual(first);
    expect(effects).toBe(1);
    await run({ ...count, operationId: "2" });
    expect(effects).toBe(2);
  });

  it.each([
    ["envelope's operations", { type: "exec.run" }, "op_not_allowed"],
    ["envelope's paths", { paths: ["etc/a"] }, "path_not_allowed"],
    ["root", { paths: ["/etc/passwd"] }, "path_outside_root"],
    ["budget", { estimateUsd: "1.01" }, "budget_exceeded"],
    ["form of a price", { estimateUsd: "cheap" }, "budget_invalid"],
    ["handlers", { type: "tool.files.unknown" }, "no_handler"],
    [
      "paths, by its compensation",
      { compensation: { type: "delete", paths: ["out/b"] } },
      "compensation_invalid",
    ],
    [
      "registered compensations",
      { compensation: { type: "registered", name: "toString", params: {} } },
      "compensation_invalid",
    ],
  ] as const)(
    "is refused outside the %s, on record and without an effect",
    async (_, given, denial) => {
      expect(await run(given)).toMatchObject({ status: "denied", denial, cost: 0n });
      expect(existsSync(join(bench.root, "out/a"))).toBe(false);
      expect((await bench.types()).slice(2)).toEqual(["operation.completed"]);
    },
  );

  it("does not reach through a link that leads out of the root", async () => {
    symlinkSync(bench.folder, join(bench.root, "out/link"));
    const error: unknown = await run({
      paths: ["out/link/x"],
      compensation: { type: "delete", paths: ["out/link/x"] },
    }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "IO", message: expect.stringContaining("symlink_escape") });
    expect(existsSync(join(bench.folder, "x"))).toBe(false);
    expect(mission.budget().held).toBe(0n);
  });

  it("that fails is undone: bytes are put back, and that is verified", async () => {
    put("old");
    bench.handlers.set(
      "tool.files.break",
      handlerOf(() => {
        put("half");
        return failing();
      }),
    );
    const receipt = await run({ type: "tool.files.break" });
    expect(receipt).toMatchObject({
      status: "failed",
      compensationStatus: "verified",
      error: "no",
    });
    expect(receipt.postStateHash).toBe(receipt.preStateHash);
    expect(bench.read()).toBe("old");
    expect(mission.ended).toBeUndefined();
  });

  it("that made a file and fails has it deleted", async () => {
    bench.handlers.set(
      "tool.files.break",
      handlerOf(() => {
        put("half");
        return failing();
      }),
    );
    const receipt = await run({
      type: "tool.files.break",
      compensation: { type: "delete", paths: ["out/a"] },
    });
    expect(receipt).toMatchObject({ status: "failed", compensationStatus: "verified" });
    expect(existsSync(join(bench.root, "out/a"))).toBe(false);
  });

  it("that cannot be undone calls the operator", async () => {
    put("old");
    bench.handlers.set(
      "tool.files.break",
      handlerOf(() => {
        put("half");
        return failing();
      }),
    );
    const compensation = { type: "none", reason: "cannot be undone" } as const;
    const receipt = await run({ type: "tool.files.break", compensation });
    expect(receipt.compensationStatus).toBe("failed");
    expect(mission.ended).toBe("needs_operator");
    await expect(run()).rejects.toMatchObject({ code: "CLOSED" });
  });

  it.each([
    ["says so", () => Promise.resolve({ verified: false })],
    ["fails", () => Promise.reject(new Error("no"))],
    ["leaves another state", () => Promise.resolve({ verified: true })],
  ])("calls the operator when its registered compensation %s", async (title, undo) => {
    await mission.close();
    bench[Symbol.dispose]();
    bench = new Workbench();
    bench.given = { compensations: { undo } };
    await start();
    bench.handlers.set(
      "tool.files.break",
      handlerOf(() => {
        if (title === "leaves another state") put("half");
        return failing();
      }),
    );
    const compensation = { type: "registered", name: "undo", params: {} } as const;
    const receipt = await run({ type: "tool.files.break", compensation });
    expect(receipt.compensationStatus).toBe("failed");
    expect(mission.ended).toBe("needs_operator");
  });

  it("is undone with its step when that fails later, newest first", async () => {
    put("old");
    await run({ operationId: "1", params: { content: "first" } });
    await run({ operationId: "2", params: { content: "second" } });
    expect(bench.read()).toBe("second");
    await mission.complete("1", { status: "failed", outputs: {}, error: "no" });
    expect(bench.read()).toBe("old");
    const { records } = await bench.records();
    const undone = records.filter(({ type }) => type === "compensation.completed");
    expect(undone.map(({ body }) => [body["operation_id"], body["status"]])).toEqual([
      ["2", "verified"],
      ["1", "verified"],
    ]);
  });

  it("is told when its caller gives up, and undone", async () => {
    put("old");
    const abort = new AbortController();
    bench.handlers.set(
      "tool.files.wait",
      handlerOf(async (_, { signal }) => {
        put("half");
        abort.abort(new Error("enough"));
        signal.throwIfAborted();
        return { status: "ok", result: {} };
      }),
    );
    const receipt = await mission.run("1", write({ type: "tool.files.wait" }), {
      signal: abort.signal,
    });
    expect(receipt).toMatchObject({ status: "aborted", compensationStatus: "verified" });
    expect(bench.read()).toBe("old");
  });
});

describe("money", () => {
  const price = { inputPerMillion: 3_000_000n, outputPerMillion: 15_000_000n };
  const ask = (given: Partial<Operation> = {}): Promise<OperationReceipt> =>
    run({ type: "provider.model.chat", paths: [], compensation: paid, ...given });
  const paid = { type: "none", reason: "an answer cannot be given back" } as const;

  it("is set aside before a model is asked, and settled by the tokens it counted", async () => {
    let heldMeanwhile = 0n;
    const model = modelCall(() => {
      heldMeanwhile = mission.budget().held;
      return Promise.resolve({ result: { text: "hi" }, inputTokens: 1_001, outputTokens: 100 });
    }, price);
    bench.handlers.set("provider.model.chat", model);
    const receipt = await ask({ estimateUsd: "0.01" });
    expect(heldMeanwhile).toBe(10_000n);
    // 1001 × 3 + 100 × 15 micro-dollars.
    expect(receipt).toMatchObject({ status: "ok", cost: 4_503n });
    expect(mission.budget()).toMatchObject({ spent: 4_503n, held: 0n, stopped: false });
  });

  it("is booked at the estimate when the provider does not count, or the call fails", async () => {
    const answer = { result: {}, inputTokens: undefined, outputTokens: 1 };
    bench.handlers.set(
      "provider.model.chat",
      modelCall(() => Promise.resolve(answer), price),
    );
    expect(await ask({ estimateUsd: "0.01" })).toMatchObject({ status: "ok", cost: 10_000n });
    bench.handlers.set("provider.model.chat", modelCall(failing, price));
    const failed = await ask({ estimateUsd: "0.02", operationId: "2" });
    expect(failed).toMatchObject({ status: "failed", cost: 20_000n });
  });

  it("stops when a model costs more than was said", async () => {
    const answer = { result: {}, inputTokens: 1_000_000, outputTokens: 0 };
    bench.handlers.set(
      "provider.model.chat",
      modelCall(() => Promise.resolve(answer), price),
    );
    expect(await ask({ estimateUsd: "0.01" })).toMatchObject({ cost: 3_000_000n });
    expect(await ask({ estimateUsd: "0", operationId: "2" })).toMatchObject({
      denial: "budget_exceeded",
    });
    const { records } = await bench.records();
    const settled = records.find(({ type }) => type === "budget.settled");
    expect(settled?.body["overrun_micro_usd"]).toBe("2990000");
  });

  it("never is over the maximum with many callers at once", async () => {
    const answer = { result: {}, inputTokens: 0, outputTokens: 0 };
    bench.handlers.set(
      "provider.model.chat",
      modelCall(async () => {
        expect(mission.budget().held).toBeLessThanOrEqual(1_000_000n);
        return answer;
      }, price),
    );
    const receipts = await Promise.all(
      Array.from({ length: 20 }, (_, n) => ask({ estimateUsd: "0.3", operationId: String(n) })),
    );
    expect(receipts.filter(({ denial }) => denial === "budget_exceeded").length).toBe(17);
  });

  it("is freed when another rule refuses the call", async () => {
    bench.handlers.set(
      "provider.model.chat",
      handlerOf(() => Promise.resolve({ status: "denied", result: {} }), true),
    );
    expect(await ask({ estimateUsd: "0.5" })).toMatchObject({
      status: "denied",
      denial: "refused",
    });
    expect(mission.budget()).toMatchObject({ spent: 0n, held: 0n });
  });
});

describe("a plan", () => {
  it("ends with its first step that is not ok", async () => {
    const planned = (name: string, given: Partial<Operation>) => ({
      name,
      operation: write(given),
    });
    const status = await runSteps(mission, [
      planned("fine", {}),
      planned("refused", { paths: ["etc/x"], compensation: { type: "delete", paths: [] } }),
      planned("never", { params: { content: "never" } }),
    ]);
    expect(status).toBe("denied");
    expect(mission.steps().map(({ stepId, status: ended }) => [stepId, ended])).toEqual([
      ["1", "running"],
      ["1-fine", "ok"],
      ["2-refused", "denied"],
    ]);
    expect(bench.read()).toBe("new");
    expect(mission.ended).toBe("denied");
  });
});
