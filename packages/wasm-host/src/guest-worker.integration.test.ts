import { expect, it } from "vitest";
import { fixture } from "./fixtures/fixture-files.ts";
import { GuestWorker, type Hearing } from "./guest-worker.ts";

const hearing: Hearing = {
  ask: async () => ({ kind: "value", value: undefined }),
  log: () => {},
};

it("tells an order that its Worker ended, and takes no other", async () => {
  const module = await WebAssembly.compile(fixture("silent"));
  const worker = new GuestWorker(1_048_576);
  const core = { module, pages: 0, elements: 0, segmentFuel: 0 };
  const bounds = { pages: 1, elements: 1, core_instances: 1 };
  const start = { kind: "start-module", core, bounds, imports: [], fuel: undefined } as const;
  const order = worker.order(start, hearing);
  const [ended] = await Promise.allSettled([order, worker.end()]);
  expect(ended).toMatchObject({ status: "rejected", reason: { code: "WORKER_LOST" } });
  await expect(worker.order({ kind: "describe", fuel: undefined }, hearing)).rejects.toMatchObject({
    code: "WORKER_LOST",
  });
  await worker.end();
});
